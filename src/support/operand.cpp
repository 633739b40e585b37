#include "support/operand.hpp"

#include <algorithm>
#include <cstdint>

namespace braid {
namespace {

bool is_aligned(const Tensor& tensor) {
  const DType dtype = tensor.dtype();
  const bool is_complex = dtype == DType::Complex64 || dtype == DType::Complex128;
  const auto bytes = static_cast<std::size_t>(dtype_bits(dtype)) / (is_complex ? 16 : 8);
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.raw().data());
  return address % std::max<std::size_t>(bytes, 1) == 0;
}

bool is_operand(const Datum& datum) {
  if (!datum) return true;
  if (datum.is_tensor()) return is_operand(datum.tensor());
  return std::all_of(datum.elements().begin(), datum.elements().end(),
                     [](const Datum& element) { return is_operand(element); });
}

}  // namespace

bool is_operand(const Tensor& tensor) {
  if (!tensor.has_data() || tensor.dtype() == DType::String) return true;
  return tensor.is_contiguous() && is_aligned(tensor);
}

Tensor as_operand(const Tensor& tensor) {
  if (is_operand(tensor)) return tensor;
  Tensor copy = Tensor::allocate(tensor.dtype(), tensor.dims());
  std::byte* to = copy.mutable_raw().data();
  tensor.for_each_piece(
      [&](std::span<const std::byte> piece) { to = std::copy(piece.begin(), piece.end(), to); });
  return copy;
}

Datum as_operand(const Datum& datum) {
  if (is_operand(datum)) return datum;
  return map_tensors(datum, [](const Tensor& tensor) { return as_operand(tensor); });
}

}  // namespace braid
