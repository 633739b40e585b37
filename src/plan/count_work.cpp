#include "plan/count_work.hpp"

#include <algorithm>
#include <map>

#include "plan/grouped_matmul.hpp"

namespace braid {
namespace {

std::int64_t size_of(const Operand& operand) {
  return Tensor::weightless(operand.dtype, operand.dims).size();
}

std::size_t bytes_of(const Operand& operand) {
  const bool moves = !operand.is_absent() && !operand.is_in_place;
  return moves ? dtype_bytes(operand.dtype, size_of(operand)) : 0;
}

bool is_any(const Operator& op, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), op.name) != names.end();
}

// Multiplications for each element along the first axis of the weight.
std::int64_t row_size(const Operand& weight) {
  return weight.dims[0] == 0 ? 0 : size_of(weight) / weight.dims[0];
}

// The product of all sizes that the letters stand for; nothing for more than two operands.
std::optional<std::int64_t> einsum_products(const Operator& op) {
  const std::string equation = op.attributes.get_string("equation", "");
  if (op.inputs.size() != 2 || equation.find('.') != std::string::npos) return std::nullopt;
  std::map<char, std::int64_t> sizes;
  std::size_t input = 0;
  std::size_t axis = 0;
  for (const char sign : equation) {
    if (sign == '-') break;
    if (sign == ' ') continue;
    if (sign == ',') {
      ++input;
      axis = 0;
    } else if (input < 2 && axis < op.inputs[input].dims.size()) {
      std::int64_t& size = sizes[sign];
      size = std::max(size, op.inputs[input].dims[axis++]);
    }
  }
  std::int64_t products = 1;
  for (const auto& [letter, size] : sizes)
    products *= size;
  return products;
}

// Multiplications, each with an addition.
std::optional<std::int64_t> count_products(const Operator& op) {
  if (op.inputs.size() < 2 || op.outputs.empty()) return std::nullopt;
  const Operand& data = op.inputs[0];
  const Operand& weight = op.inputs[1];
  if (is_any(op, {"GroupedMatMul"})) {
    std::int64_t sum = 0;
    const GroupedMatMul group(op);
    for (const Operator& product : group.products())
      sum += count_products(product).value_or(0);
    return sum;
  }
  if (is_any(op, {"MatMul", "MatMulInteger"})) {
    return data.dims.empty() ? 0 : size_of(op.outputs[0]) * data.dims.back();
  }
  if (is_any(op, {"Gemm"})) {
    const bool swaps = op.attributes.get_int("transA", 0) != 0;
    return size_of(op.outputs[0]) * data.dims[swaps ? 0 : 1];
  }
  if (is_any(op, {"Conv", "ConvInteger"})) return size_of(op.outputs[0]) * row_size(weight);
  if (is_any(op, {"ConvTranspose"})) return size_of(data) * row_size(weight);
  if (is_any(op, {"GRU", "LSTM", "RNN"})) {
    return data.dims[0] * data.dims[1] * (size_of(weight) + size_of(op.inputs[2]));
  }
  return is_any(op, {"Einsum"}) ? einsum_products(op) : std::nullopt;
}

}  // namespace

Work count_work(const Operator& op) {
  Work work;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const bool is_table = i == 0 && is_any(op, {"Gather", "GatherElements", "GatherND"});
    work.bytes += is_table ? bytes_of(op.outputs[0]) : bytes_of(op.inputs[i]);
  }
  for (const Operand& output : op.outputs)
    work.bytes += bytes_of(output);
  if (const auto products = count_products(op)) work.flops = 2 * *products;
  return work;
}

}  // namespace braid
