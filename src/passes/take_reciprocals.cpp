// Div(1, x)   =>   Reciprocal(x)
//
// Exporters spell the inverse root of RMSNorm either way. Does not fire on integers, nor where the
// 1 raises the rank of x.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {

bool take_reciprocals(Model& model) {
  if (model.opset() < 7) return false;  // before, attributes told how to broadcast
  Graph& graph = model.graph;
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Div") || constant_scalar(graph, node.inputs[0]) != 1.0) continue;
    const auto rank = rank_of(graph, node.inputs[1]);
    if (!rank || graph.value(node.inputs[0]).constant.rank() > *rank) continue;
    if (!is_float(graph.value(node.inputs[1]).type.dtype)) continue;
    node.op_type = "Reciprocal";
    node.inputs = {node.inputs[1]};
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
