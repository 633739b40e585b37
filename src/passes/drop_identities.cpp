// x -> Identity -> y             =>   y is x
// x -> Dropout -> y              =>   y is x          inference, mask not read
// x -> Cast {to: type of x} -> y =>   y is x
// x -> Transpose {0, 1, ...} -> y, x -> Concat of one -> y, x -> Expand to its own shape  =>  y is
// x
//
// Does not fire when y is read by a subgraph, nor when y is a graph output whose name x cannot take
// (x is a graph input, a constant or an output itself).

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

bool is_inference_dropout(const Graph& graph, const Node& node) {
  if (!node.is("Dropout") || node.output(1) != kAbsent) return false;
  const ValueId mode = node.input(2);
  if (mode == kAbsent) return true;
  const Tensor& constant = graph.value(mode).constant;
  return constant.is_contiguous() && constant.size() == 1 && constant.raw()[0] == std::byte{0};
}

bool is_identity_transpose(const Node& node) {
  if (!node.is("Transpose") || !node.attributes.has("perm")) return false;
  const auto perm = node.attributes.get_ints("perm");
  for (std::size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

bool keeps_type(const Graph& graph, const Node& node) {
  const Type& from = graph.value(node.inputs[0]).type;
  const auto to = static_cast<DType>(node.attributes.get_int("to", 0));
  return from.is_tensor() && from.dtype == to;
}

bool keeps_shape(const Graph& graph, const Node& node) {
  const Shape* from = shape_of(graph, node.input(0));
  const Shape* to = shape_of(graph, node.output(0));
  if (from == nullptr || to == nullptr || from->size() != to->size()) return false;
  for (std::size_t i = 0; i < from->size(); ++i) {
    if (!(*from)[i].same_as((*to)[i])) return false;
  }
  return true;
}

bool is_identity(const Graph& graph, const Node& node) {
  if (node.input(0) == kAbsent || node.output(0) == kAbsent) return false;
  if (node.is("Identity") || is_inference_dropout(graph, node)) return true;
  if (node.is("Cast")) return keeps_type(graph, node);
  if (node.is("Expand") || node.is("Reshape")) return keeps_shape(graph, node);
  if (node.is("Concat")) return node.inputs.size() == 1;
  return is_identity_transpose(node);
}

}  // namespace

bool drop_identities(Model& model) {
  Graph& graph = model.graph;
  Replacement replacement(graph);
  for (const Node& node : graph.nodes) {
    if (is_identity(graph, node)) replacement.replace(node.outputs[0], node.inputs[0]);
  }
  if (!replacement.apply()) return false;
  remove_dead(graph);
  return true;
}

}  // namespace braid
