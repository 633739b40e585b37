#include "onnx/structure.hpp"

#include <algorithm>

#include "onnx/proto.hpp"

namespace braid {

std::string structure_of(const Model& model) {
  onnx::ModelProto proto = model_to_proto(model, [](const Tensor&) { return false; });
  proto.clear_metadata_props();
  onnx::GraphProto& graph = *proto.mutable_graph();
  for (const Value& value : model.graph.values) {
    if (value.is_constant()) *graph.add_initializer() = initializer_header(value);
  }
  // A file may list them in any order.
  const auto by_name = [](const auto& a, const auto& b) { return a.name() < b.name(); };
  std::sort(graph.mutable_initializer()->begin(), graph.mutable_initializer()->end(), by_name);
  std::sort(graph.mutable_value_info()->begin(), graph.mutable_value_info()->end(), by_name);
  return proto.SerializeAsString();
}

}  // namespace braid
