#include "passes/evaluate.hpp"

#include "braid/error.hpp"
#include "braid/kernel.hpp"
#include "kernels/reference/kernels.hpp"
#include "support/operand.hpp"

namespace braid {

// A node that cannot be computed here stays in the graph; its error, if it is one, shows at run
// time.
std::optional<std::vector<Tensor>> evaluate(const Node& node, std::int64_t opset,
                                            std::span<const Tensor> inputs) {
  constexpr std::int64_t kOldest = 7;  // before, operators broadcast by attributes
  const KernelFunction kernel = reference::find_kernel(node.domain, node.op_type);
  if (kernel == nullptr || opset < kOldest) return std::nullopt;
  std::vector<Tensor> outputs(node.outputs.size());
  std::vector<Tensor> operands;  // weights lie anywhere in a mapped file
  for (const Tensor& input : inputs)
    operands.push_back(input ? as_operand(input) : input);
  KernelCall call(node.op_type, opset, node.attributes, operands, outputs);
  try {
    kernel(call);
  } catch (const Error&) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i] && node.outputs[i] != kAbsent) return std::nullopt;
  }
  return outputs;
}

}  // namespace braid
