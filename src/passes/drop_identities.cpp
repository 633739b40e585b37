// x -> Identity -> y             =>   y is x
// x -> Dropout -> y              =>   y is x          inference, mask not read
// x -> Cast {to: type of x} -> y =>   y is x
// x -> Transpose {0, 1, ...} -> y, x -> Concat of one -> y, x -> Expand to its own shape,
// x -> Pad by nothing -> y, x -> Slice of all -> y  =>  y is x
//
// Does not fire when y is read by a subgraph, nor when y is a graph output whose name x cannot take
// (x is a graph input, a constant or an output itself).

#include <algorithm>

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

bool pads_nothing(const Graph& graph, const Node& node) {
  const auto pads = node.attributes.has("pads") ? node.attributes.get_ints("pads")
                                                : constant_ints(graph, node.input(1));
  return pads && std::all_of(pads->begin(), pads->end(), [](std::int64_t n) { return n == 0; });
}

// As many elements as there are, in steps of 1, are all of them in their order.
bool slices_forward(const Graph& graph, const Node& node) {
  if (node.input(4) == kAbsent) return true;
  const auto steps = constant_ints(graph, node.inputs[4]);
  return steps && std::all_of(steps->begin(), steps->end(), [](std::int64_t n) { return n == 1; });
}

bool is_identity(const Graph& graph, const Node& node) {
  if (node.input(0) == kAbsent || node.output(0) == kAbsent) return false;
  if (node.is("Identity") || is_inference_dropout(graph, node)) return true;
  if (node.is("Cast")) return keeps_type(graph, node);
  if (node.is("Expand") || node.is("Reshape")) return keeps_shape(graph, node);
  if (node.is("Concat")) return node.inputs.size() == 1;
  if (node.is("Pad")) return pads_nothing(graph, node);
  if (node.is("Slice")) return slices_forward(graph, node) && keeps_shape(graph, node);
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
