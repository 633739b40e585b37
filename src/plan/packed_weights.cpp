#include "plan/packed_weights.hpp"

#include "support/operand.hpp"

namespace braid {

std::shared_ptr<const void> PackedWeights::get(
    const Tensor& weight, const std::string& format, std::size_t bytes,
    const std::function<std::shared_ptr<const void>()>& pack) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[{weight.identity(), format}];
  if (!entry.packed) {
    entry = {weight, pack()};
    bytes_ += bytes;
  }
  return entry.packed;
}

Tensor PackedWeights::plain(const Tensor& weight) {
  const bool is_there = weight.dtype() == DType::String || weight.is_contiguous();
  if (is_there) return as_operand(weight);
  const auto packed = get(weight, "plain", weight.bytes(),
                          [&] { return std::make_shared<Tensor>(as_operand(weight)); });
  return static_cast<const Tensor*>(packed.get())->reshaped(weight.dims());
}

std::size_t PackedWeights::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace braid
