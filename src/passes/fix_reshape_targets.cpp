// Reshape(x[b,128,768], computed) -> y[b,128,12,64]   =>   Reshape(x, [0,0,12,64])
// Reshape(x[b,12,128,64], computed) -> y[c,128,768]   =>   Reshape(x, [-1,128,768])
//
// Exporters compute targets at run time although inference tells all dims but one, and spell
// constant ones in several ways. A dim that the input has at the same place becomes 0 (copy), one
// other unknown dim becomes -1. Does not fire with allowzero, with more unknown dims, nor when a
// known dim is 0 (-1 would be ambiguous).

#include <algorithm>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

std::optional<std::vector<std::int64_t>> fixed_target(const Graph& graph, const Node& node) {
  const Shape* from = shape_of(graph, node.input(0));
  const Shape* to = shape_of(graph, node.output(0));
  if (from == nullptr || to == nullptr) return std::nullopt;
  const auto given = constant_ints(graph, node.inputs[1]);
  const auto is_copied = [&](std::size_t i) {
    if (i >= from->size()) return false;
    return (*to)[i].same_as((*from)[i]) || (given && i < given->size() && (*given)[i] == 0);
  };
  std::vector<std::int64_t> target;
  int unknown = 0;
  for (std::size_t i = 0; i < to->size(); ++i) {
    const Dim& dim = (*to)[i];
    if (dim.is_known()) {
      if (dim.size == 0) return std::nullopt;
      target.push_back(dim.size);
    } else if (is_copied(i)) {
      target.push_back(0);
    } else {
      target.push_back(-1);
      ++unknown;
    }
  }
  if (unknown > 1) return std::nullopt;
  return target;
}

}  // namespace

bool fix_reshape_targets(Model& model) {
  Graph& graph = model.graph;
  NameSource names(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Reshape") || node.input(1) == kAbsent) continue;
    if (node.attributes.get_int("allowzero", 0) != 0) continue;
    const auto target = fixed_target(graph, node);
    if (!target || target == constant_ints(graph, node.inputs[1])) continue;
    const auto rank = static_cast<std::int64_t>(target->size());
    node.inputs[1] = graph.add_constant(names.unique(graph.value(node.inputs[1]).name + "_fixed"),
                                        Tensor::of<std::int64_t>({rank}, *target));
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
