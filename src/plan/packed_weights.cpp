#include "plan/packed_weights.hpp"

#include "support/mapped_file.hpp"
#include "support/memory_claim.hpp"
#include "support/operand.hpp"

namespace braid {

PackedWeights::Bytes PackedWeights::get(const Tensor& weight, const std::string& format,
                                        std::size_t bytes,
                                        const std::function<void(std::byte*)>& pack) {
  return keep(weight, format, bytes, [&] {
    const std::shared_ptr<std::byte> packed = allocate_aligned(bytes);
    pack(packed.get());
    return packed;
  });
}

PackedWeights::Bytes PackedWeights::keep(const Tensor& weight, const std::string& format,
                                         std::size_t bytes, const std::function<Bytes()>& make) {
  if (mode_ == Mode::Ask) return nullptr;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[{weight.identity(), format}];
  if (Bytes packed = entry.packed.lock()) return packed;
  const Bytes packed = make();
  entry = {weight, packed, bytes};
  release_pages(weight.bytes());
  return packed;
}

Tensor PackedWeights::plain(const Tensor& weight) {
  if (weight.dtype() == DType::String || is_operand(weight)) return weight;
  const Bytes packed = get(weight, "plain", weight.bytes(), [&](std::byte* to) {
    weight.for_each_piece(
        [&](std::span<const std::byte> piece) { to = std::copy(piece.begin(), piece.end(), to); });
  });
  return Tensor::borrow(weight.dtype(), weight.dims(), {packed.get(), weight.bytes()}, packed);
}

std::size_t PackedWeights::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t total = 0;
  for (const auto& [key, entry] : entries_)
    total += entry.packed.expired() ? 0 : entry.bytes;
  return total;
}

void PackedWeights::forget_unread() {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const auto& each) { return each.second.packed.expired(); });
}

// From time to time, so that a model and its packed form are never in memory at once.
void PackedWeights::release_pages(std::size_t read) {
  constexpr std::size_t kMuch = std::size_t{16} << 20;
  read_ += read;
  if (read_ < kMuch) return;
  release_mapped_pages();
  read_ = 0;
}

}  // namespace braid
