// x * 1, x / 1, x And true, x Or false   =>   x
// x + 0, x - 0 of integers               =>   x
//
// Some exporters write scales and masks out even where they say nothing. Does not fire where the
// constant raises the rank of x, on a sum of floats (-0 + 0 is +0), nor where drop_identities would
// not: y is an output whose name x cannot take, or read by a subgraph.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

// The value that leaves the other operand as it is; empty if there is none.
std::optional<double> neutral_value(const Node& node, DType dtype) {
  if (node.is("Mul") || node.is("Div")) return 1;
  if (node.is("And")) return 1;
  if (node.is("Or")) return 0;
  if (is_integer(dtype) && (node.is("Add") || node.is("Sub"))) return 0;
  return std::nullopt;
}

ValueId kept_operand(const Graph& graph, const Node& node) {
  if (node.inputs.size() != 2 || node.inputs[0] == kAbsent || node.inputs[1] == kAbsent)
    return kAbsent;
  const bool is_commutative = !node.is("Div") && !node.is("Sub");
  for (const std::size_t side : {1U, 0U}) {
    if (side == 0 && !is_commutative) continue;
    const ValueId kept = node.inputs[1 - side];
    const auto neutral = neutral_value(node, graph.value(kept).type.dtype);
    const auto rank = rank_of(graph, kept);
    if (!neutral || !rank || constant_scalar(graph, node.inputs[side]) != neutral) continue;
    if (graph.value(node.inputs[side]).constant.rank() <= *rank) return kept;
  }
  return kAbsent;
}

}  // namespace

bool drop_neutral_operands(Model& model) {
  if (model.opset() < 7) return false;  // before, attributes told how to broadcast
  Graph& graph = model.graph;
  Replacement replacement(graph);
  for (const Node& node : graph.nodes) {
    const ValueId kept = kept_operand(graph, node);
    if (kept != kAbsent) replacement.replace(node.outputs[0], kept);
  }
  if (!replacement.apply()) return false;
  remove_dead(graph);
  return true;
}

}  // namespace braid
