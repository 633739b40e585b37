#include "backends/operands.hpp"

namespace braid {

std::optional<std::vector<std::int64_t>> constant_ints(const Operator& op, std::size_t input,
                                                       std::string_view attribute) {
  if (op.has_input(input)) {
    const Operand& operand = op.inputs[input];
    const bool is_int = operand.dtype == DType::Int64 || operand.dtype == DType::Int32;
    if (operand.constant == nullptr || !is_int) return std::nullopt;
    return to_int64s(*operand.constant);
  }
  if (!op.attributes.has(attribute)) return std::nullopt;
  return op.attributes.get_ints(attribute);
}

std::int64_t element_width(DType dtype) {
  const int bits = dtype_bits(dtype);
  return bits == 8 || bits == 16 || bits == 32 || bits == 64 ? bits / 8 : 0;
}

std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

std::int64_t product(const std::vector<std::int64_t>& dims, std::size_t first, std::size_t last) {
  std::int64_t result = 1;
  for (std::size_t i = first; i < last; ++i)
    result *= dims[i];
  return result;
}

std::int64_t product(const std::vector<std::int64_t>& dims) {
  return product(dims, 0, dims.size());
}

std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;)
    strides[i - 1] = strides[i] * dims[i];
  return strides;
}

}  // namespace braid
