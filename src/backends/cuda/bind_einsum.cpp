// Einsum of two operands as a matrix product: indices of both and of the result are the batch, of
// the left one and the result rows, of the right one and the result columns, of both alone the
// depth. Of one operand, whose indices all are in the result, as a Transpose. Does not apply to
// diagonals, ellipses, indices that are summed over one operand alone, nor where the depth is no
// single axis.

#include <algorithm>
#include <cctype>
#include <string>

#include "backends/cuda/batched_product.hpp"
#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

bool has_each_once(const std::string& indices) {
  return std::ranges::all_of(indices, [&](char index) {
    return std::isalpha(static_cast<unsigned char>(index)) != 0 &&
           std::ranges::count(indices, index) == 1;
  });
}

// Nothing if it is none of the simple ones.
std::optional<Equation> equation_of(const Operator& op) {
  std::string text = op.attributes.get_string("equation", "");
  std::erase(text, ' ');
  const std::size_t arrow = text.find("->");
  if (arrow == std::string::npos) return std::nullopt;
  Equation equation{{""}, text.substr(arrow + 2)};
  for (const char c : text.substr(0, arrow)) {
    if (c == ',')
      equation.inputs.emplace_back();
    else
      equation.inputs.back() += c;
  }
  bool is_simple = has_each_once(equation.output) && equation.inputs.size() == op.inputs.size() &&
                   equation.output.size() == op.outputs[0].dims.size();
  for (std::size_t i = 0; i < equation.inputs.size() && is_simple; ++i) {
    is_simple =
        has_each_once(equation.inputs[i]) && equation.inputs[i].size() == op.inputs[i].dims.size();
  }
  return is_simple ? std::optional(equation) : std::nullopt;
}

/// Axes of the operands by the letters of an equation.
class Axes {
 public:
  Axes(const Operator& op, const Equation& equation) : op_(op), equation_(equation) {}

  bool has(std::size_t operand, char index) const {
    return indices(operand).find(index) != std::string::npos;
  }

  JointAxis axis(char index) const {
    JointAxis axis{1, Dims(kProductOperands, 0)};
    for (std::size_t operand = 0; operand < kOperands; ++operand) {
      const std::size_t at = indices(operand).find(index);
      if (at == std::string::npos) continue;
      axis.size = std::max(axis.size, dims(operand)[at]);
      axis.strides[operand] = dims(operand)[at] == 1 ? 0 : strides_of(dims(operand))[at];
    }
    return axis;
  }

  // In the order of `indices`, joined.
  std::vector<JointAxis> of(const std::string& indices, bool in_a, bool in_b, bool in_y) const {
    std::vector<JointAxis> axes;
    for (const char index : indices) {
      if (has(kA, index) == in_a && has(kB, index) == in_b && has(kY, index) == in_y)
        axes.push_back(axis(index));
    }
    return joined(axes);
  }

 private:
  static constexpr std::size_t kOperands = 3;

  const std::string& indices(std::size_t operand) const {
    return operand == kY ? equation_.output : equation_.inputs[operand];
  }
  const Dims& dims(std::size_t operand) const {
    return operand == kY ? op_.outputs[0].dims : op_.inputs[operand].dims;
  }

  const Operator& op_;
  const Equation& equation_;
};

// The innermost axis, which leaves the list; one of size 1 if there is none.
JointAxis take_last(std::vector<JointAxis>& axes) {
  if (axes.empty()) return {1, Dims(kProductOperands, 0)};
  JointAxis last = axes.back();
  axes.pop_back();
  return last;
}

std::optional<BatchedProduct> product_of(const Operator& op, const Equation& equation) {
  const Axes axes(op, equation);
  const auto is_alone = [&](const std::string& indices, ProductOperand other) {
    return std::ranges::any_of(
        indices, [&](char index) { return !axes.has(other, index) && !axes.has(kY, index); });
  };
  if (is_alone(equation.inputs[0], kB) || is_alone(equation.inputs[1], kA)) return std::nullopt;
  std::vector<JointAxis> rows = axes.of(equation.output, true, false, true);
  std::vector<JointAxis> columns = axes.of(equation.output, false, true, true);
  std::vector<JointAxis> depth = axes.of(equation.inputs[0], true, true, false);
  if (depth.size() > 1) return std::nullopt;
  BatchedProduct product;
  product.rows = take_last(rows);
  product.columns = take_last(columns);
  product.depth = take_last(depth);
  product.batch = axes.of(equation.output, true, true, true);
  for (const auto* more : {&rows, &columns})
    product.batch.insert(product.batch.begin(), more->begin(), more->end());
  return product;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_einsum(const Operator& op, const Target& target) {
  const auto equation = common_element(op) ? equation_of(op) : std::nullopt;
  if (!equation) return nullptr;
  if (op.inputs.size() == 1) {
    Attributes attributes;
    std::vector<std::int64_t> perm;
    for (const char index : equation->output)
      perm.push_back(static_cast<std::int64_t>(equation->inputs[0].find(index)));
    attributes.set("perm", perm);
    const Operator transpose{"", "Transpose", op.opset, attributes, op.inputs, op.outputs};
    return perm.size() == equation->inputs[0].size() ? bind_transpose(transpose, target) : nullptr;
  }
  if (op.inputs.size() != 2) return nullptr;
  const auto product = product_of(op, *equation);
  return product ? bind_product(op, *product, target) : nullptr;
}

}  // namespace braid::cuda
