// ReduceMean {axes: 2, 3}(x[b,c,h,w])   =>   GlobalAveragePool(x)
//
// Exporters write the same pooling either way. Does not fire on other axes, without keepdims, on
// integers, nor below rank 3.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

bool is_global_pool(const Graph& graph, const Node& node) {
  if (!node.is("ReduceMean") || node.attributes.get_int("keepdims", 1) == 0) return false;
  const int rank = rank_of(graph, node.input(0)).value_or(0);
  if (rank < 3 || !is_float(graph.value(node.inputs[0]).type.dtype)) return false;
  const auto axes = node.attributes.has("axes") ? node.attributes.get_ints("axes")
                                                : constant_ints(graph, node.input(1));
  if (!axes || static_cast<int>(axes->size()) != rank - 2) return false;
  std::vector<bool> is_reduced(static_cast<std::size_t>(rank), false);
  for (const std::int64_t given : *axes) {
    const std::int64_t axis = given < 0 ? given + rank : given;
    if (axis < 0 || axis >= rank) return false;
    is_reduced[static_cast<std::size_t>(axis)] = true;
  }
  return !is_reduced[0] && !is_reduced[1];
}

}  // namespace

bool pool_means(Model& model) {
  Graph& graph = model.graph;
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!is_global_pool(graph, node)) continue;
    become_unary(node, "GlobalAveragePool");
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
