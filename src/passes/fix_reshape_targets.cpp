// Reshape(x[b,128,768], computed) -> y[b,128,12,64]   =>   Reshape(x, [0,0,12,64])
// Reshape(x[b,128,768], [b,128,-1,64])                =>   Reshape(x, [0,0,12,64])
// Reshape(x[b,12,128,64], computed) -> y[c,128,768]   =>   Reshape(x, [-1,128,768])
// Reshape {allowzero: 1}(x[b,64], [-1,4,16])          =>   Reshape(x, [0,4,16])
//
// Exporters compute targets at run time although all dims but one are certain, and spell constant
// ones in several ways. A dim that the input has at the same place becomes 0 (copy), one other
// unknown dim becomes -1. Does not fire with more unknown dims, nor when a known dim is 0 (-1 would
// be ambiguous, and allowzero would matter).

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"
#include "passes/reshape_target.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

bool allows_zero(const Node& node) {
  return node.attributes.get_int("allowzero", 0) != 0;
}

// What inference and the target say together.
std::optional<Shape> yielded_shape(const Graph& graph, const Node& node,
                                   const ShapeValues& values) {
  const Shape* from = shape_of(graph, node.inputs[0]);
  const Shape* to = shape_of(graph, node.outputs[0]);
  const auto target = values.known(node.inputs[1]);
  if (!target) return to == nullptr ? std::nullopt : std::optional(*to);
  const Shape told = reshaped(*from, *target, allows_zero(node));
  if (to == nullptr || to->size() != told.size()) return told;
  Shape merged = *to;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    const bool says_more = told[i].is_known() || !told[i].symbol.empty();
    if (!merged[i].is_known() && says_more) merged[i] = told[i];
  }
  return merged;
}

}  // namespace

bool fix_reshape_targets(Model& model) {
  Graph& graph = model.graph;
  const ShapeValues values(graph);
  NameSource names(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Reshape") || node.input(1) == kAbsent) continue;
    const Shape* from = shape_of(graph, node.inputs[0]);
    if (from == nullptr) continue;
    const auto to = yielded_shape(graph, node, values);
    const auto given = constant_ints(graph, node.inputs[1]);
    const bool is_plain = !allows_zero(node);
    const auto target =
        to ? reshape_target(*from, *to, given && is_plain ? *given : Ints{}) : std::nullopt;
    if (!target || (target == given && is_plain)) continue;
    const auto rank = static_cast<std::int64_t>(target->size());
    node.inputs[1] = graph.add_constant(names.unique(graph.value(node.inputs[1]).name + "_fixed"),
                                        Tensor::of<std::int64_t>({rank}, *target));
    node.attributes.erase("allowzero");
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
