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

}  // namespace

Tensor as_operand(const Tensor& tensor) {
  Tensor whole = tensor.materialised();
  if (!whole.is_contiguous() || is_aligned(whole)) return whole;
  Tensor copy = Tensor::allocate(whole.dtype(), whole.dims());
  std::copy(whole.raw().begin(), whole.raw().end(), copy.mutable_raw().begin());
  return copy;
}

namespace {

bool is_operand(const Datum& datum) {
  if (!datum) return true;
  if (datum.is_tensor()) {
    const Tensor& tensor = datum.tensor();
    return tensor.dtype() == DType::String || (tensor.is_contiguous() && is_aligned(tensor));
  }
  return std::all_of(datum.elements().begin(), datum.elements().end(), is_operand);
}

}  // namespace

Datum as_operand(const Datum& datum) {
  if (is_operand(datum)) return datum;
  return map_tensors(datum, [](const Tensor& tensor) { return as_operand(tensor); });
}

}  // namespace braid
