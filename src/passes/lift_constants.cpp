// Constant {value: t} -> x   =>   x is an initializer with the data t
//
// So that a weight is a weight however the exporter wrote it. Does not fire on string-valued
// attributes other than tensors, on sparse values, nor inside subgraphs.

#include "passes/passes.hpp"

namespace braid {
namespace {

Tensor constant_value(const Node& node) {
  for (const Attribute& attribute : node.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) return *tensor;
    if (const auto* i = std::get_if<std::int64_t>(&attribute.value)) {
      return Tensor::of<std::int64_t>({}, {*i});
    }
    if (const auto* f = std::get_if<float>(&attribute.value)) return Tensor::of<float>({}, {*f});
    if (const auto* ints = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
      return Tensor::of<std::int64_t>({static_cast<std::int64_t>(ints->size())}, *ints);
    }
    if (const auto* floats = std::get_if<std::vector<float>>(&attribute.value)) {
      return Tensor::of<float>({static_cast<std::int64_t>(floats->size())}, *floats);
    }
  }
  return {};
}

}  // namespace

bool lift_constants(Model& model) {
  Graph& graph = model.graph;
  const auto lifted = std::erase_if(graph.nodes, [&](const Node& node) {
    if (!node.is("Constant") || node.output(0) == kAbsent) return false;
    Tensor tensor = constant_value(node);
    if (!tensor) return false;
    Value& value = graph.value(node.outputs[0]);
    Shape shape;
    for (const std::int64_t dim : tensor.dims())
      shape.push_back(Dim::known(dim));
    value.type = Type::tensor(tensor.dtype(), std::move(shape));
    value.constant = std::move(tensor);
    value.is_declared = false;
    return true;
  });
  return lifted > 0;
}

}  // namespace braid
