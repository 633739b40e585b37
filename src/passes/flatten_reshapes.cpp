// Reshape(x[b,512,1,1]) -> y[b,512]   =>   Flatten {axis: 1}(x)
//
// Exporters write the same flattening either way. Does not fire when the first dims of x and y may
// differ, nor when y has another rank than 2.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

bool is_flatten(const Graph& graph, const Node& node) {
  if (!node.is("Reshape")) return false;
  const Shape* from = shape_of(graph, node.input(0));
  const Shape* to = shape_of(graph, node.output(0));
  if (from == nullptr || to == nullptr || from->size() < 2 || to->size() != 2) return false;
  return (*from)[0].same_as((*to)[0]);
}

}  // namespace

bool flatten_reshapes(Model& model) {
  // Flatten takes all types since opset 9 only.
  if (model.opset() < 9) return false;
  Graph& graph = model.graph;
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!is_flatten(graph, node)) continue;
    become_unary(node, "Flatten");
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
