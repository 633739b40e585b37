// Add(constant, x)   =>   Add(x, constant)     likewise And, BitwiseAnd, BitwiseOr, BitwiseXor,
//                                              Equal, Mul, Or, Xor
//
// Exporters differ in where they put a bias or a factor. Does not fire when both operands are
// constants or both are computed.

#include <algorithm>
#include <array>
#include <string_view>

#include "passes/passes.hpp"

namespace braid {

bool order_commutative_inputs(Model& model) {
  static constexpr std::array<std::string_view, 9> kCommutative = {
      "Add", "And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Equal", "Mul", "Or", "Xor"};
  Graph& graph = model.graph;
  const bool has_numpy_broadcast = model.opset() >= 7;  // before, only the second operand had it
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.domain.empty() || node.inputs.size() != 2 || !has_numpy_broadcast) continue;
    const bool is_commutative =
        std::find(kCommutative.begin(), kCommutative.end(), node.op_type) != kCommutative.end();
    if (!is_commutative || !graph.value(node.inputs[0]).is_constant() ||
        graph.value(node.inputs[1]).is_constant()) {
      continue;
    }
    std::swap(node.inputs[0], node.inputs[1]);
    has_changed = true;
  }
  return has_changed;
}

}  // namespace braid
