#include "plan/packed_weights.hpp"

#include <sstream>

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

Tensor PackedWeights::rounded(const Tensor& weight, DType to, const std::string& name) {
  const std::lock_guard lock(mutex_);
  Rounded& entry = rounded_[{weight.identity(), to}];
  if (!entry.tensor) {
    const auto overflow = std::make_shared<Overflow>();
    entry = {weight, braid::rounded(weight, to, overflow), name, overflow};
  }
  return entry.tensor.reshaped(weight.dims());
}

std::vector<std::string> PackedWeights::warnings() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& [key, entry] : rounded_) {
    const Overflow::Found found = entry.overflow->get();
    const bool is_mask = found.greatest < 0 && found.least == found.greatest;
    if (found.count == 0 || is_mask) continue;
    std::ostringstream text;
    text << "constant '" << entry.name << "': " << found.count << " of its numbers, from "
         << found.least << " to " << found.greatest << ", are beyond "
         << dtype_name(entry.tensor.dtype()) << " and taken as " << largest_of(entry.tensor.dtype())
         << " with their sign";
    result.push_back(text.str());
  }
  return result;
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
  std::erase_if(rounded_, [&](const auto& each) { return !is_packed(each.second.tensor); });
}

bool PackedWeights::is_packed(const Tensor& weight) const {
  const auto first = entries_.lower_bound({weight.identity(), ""});
  return first != entries_.end() && first->first.first == weight.identity();
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
