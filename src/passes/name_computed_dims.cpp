// Range(0, b, 1) -> y[?]                         =>   y[b]
// Resize(x, -, -, [b,16,64,64]) -> y[?,?,64,64]  =>   y[b,16,64,64]
//
// where b is the size of a symbolic dim of a graph input. Inference knows these shapes only from
// constants, and none of what is computed from y. Only types change. Does not fire on other starts
// and steps, on some axes only, nor when an element of the shape is no such size and no number.

#include <algorithm>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"
#include "passes/shape_values.hpp"

namespace braid {
namespace {

bool is_given(const Graph& graph, const std::string& symbol) {
  return std::any_of(graph.inputs.begin(), graph.inputs.end(), [&](ValueId id) {
    const Shape* shape = shape_of(graph, id);
    return shape != nullptr && std::any_of(shape->begin(), shape->end(),
                                           [&](const Dim& dim) { return dim.symbol == symbol; });
  });
}

// The input that holds the shape of the output; absent if there is none.
ValueId shape_input(const Graph& graph, const Node& node) {
  if (node.is("Resize") && !node.attributes.has("axes") &&
      node.attributes.get_string("keep_aspect_ratio_policy", "stretch") == "stretch") {
    return node.input(3);
  }
  const bool counts_from_zero = node.is("Range") && constant_scalar(graph, node.inputs[0]) == 0.0 &&
                                constant_scalar(graph, node.inputs[2]) == 1.0;
  return counts_from_zero ? node.inputs[1] : kAbsent;
}

// The shape with the names of what it lacks; empty if it lacks nothing that is known.
std::optional<Shape> named(const Graph& graph, const Shape& shape,
                           const std::vector<ShapeElement>& elements) {
  if (shape.size() != elements.size()) return std::nullopt;
  Shape result = shape;
  bool has_changed = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const ShapeElement& element = elements[i];
    if (shape[i].is_known()) continue;
    if (element.number ? *element.number < 0 : !is_given(graph, element.symbol)) continue;
    const Dim dim = element.number ? Dim::known(*element.number) : Dim::named(element.symbol);
    if (shape[i].same_as(dim)) continue;
    result[i] = dim;
    has_changed = true;
  }
  return has_changed ? std::optional(result) : std::nullopt;
}

}  // namespace

bool name_computed_dims(Model& model) {
  Graph& graph = model.graph;
  std::optional<ShapeValues> values;
  bool has_changed = false;
  for (const Node& node : graph.nodes) {
    const ValueId input = shape_input(graph, node);
    if (input == kAbsent) continue;
    if (!values) values.emplace(graph);
    const auto elements = values->known(input);
    const Shape* shape = shape_of(graph, node.output(0));
    if (!elements || shape == nullptr) continue;
    const auto result = named(graph, *shape, *elements);
    if (!result) continue;
    Value& value = graph.value(node.outputs[0]);
    value.type.shape = *result;
    value.is_declared = true;  // or inference would forget it
    has_changed = true;
  }
  return has_changed;
}

}  // namespace braid
