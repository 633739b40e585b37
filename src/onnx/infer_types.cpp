#include <set>
#include <unordered_map>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "ir/traverse.hpp"
#include "onnx/proto.hpp"
#include "onnx/shape_inference/implementation.h"

namespace braid {
namespace {

// Shape arithmetic reads small integer tensors only.
constexpr std::size_t kLargestRead = 4096;

void adopt_types(const onnx::GraphProto& proto, Graph& graph);

void adopt_subgraph_types(const onnx::NodeProto& proto, const Node& node) {
  std::vector<const onnx::GraphProto*> protos;
  for (const auto& attribute : proto.attribute()) {
    if (attribute.has_g()) protos.push_back(&attribute.g());
    for (const auto& graph : attribute.graphs())
      protos.push_back(&graph);
  }
  std::size_t next = 0;
  for_each_subgraph(node, [&](const GraphPtr& inner) {
    if (next < protos.size()) adopt_types(*protos[next++], *inner);
  });
}

void adopt_types(const onnx::GraphProto& proto, Graph& graph) {
  std::unordered_map<std::string_view, const onnx::TypeProto*> types;
  for (const auto& info : proto.value_info())
    types[info.name()] = &info.type();
  for (const auto& info : proto.output())
    types[info.name()] = &info.type();
  for (Value& value : graph.values) {
    const auto found = types.find(value.name);
    if (found != types.end() && !value.is_constant()) value.type = type_from_proto(*found->second);
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    adopt_subgraph_types(proto.node(static_cast<int>(i)), graph.nodes[i]);
  }
}

// Inference names dims that it does not know, anew each time; a name of last time says nothing.
constexpr std::string_view kInvented = "unk__";

void forget_invented_symbols(google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& infos,
                             const std::set<std::string>& given) {
  for (onnx::ValueInfoProto& info : infos) {
    if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) continue;
    for (auto& dim : *info.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()) {
      if (dim.dim_param().starts_with(kInvented) && !given.contains(dim.dim_param()))
        dim.clear_value();
    }
  }
}

void forget_invented_symbols(onnx::GraphProto& graph) {
  std::set<std::string> given;
  for (const auto& input : graph.input()) {
    for (const auto& dim : input.type().tensor_type().shape().dim())
      given.insert(dim.dim_param());
  }
  forget_invented_symbols(*graph.mutable_value_info(), given);
  forget_invented_symbols(*graph.mutable_output(), given);
}

// An initializer without its data still has to lend its type and dims to inference.
void add_weightless(const Graph& graph, const KeepData& is_read, onnx::GraphProto& proto) {
  for (const Value& value : graph.values) {
    if (value.is_constant() && !is_read(value.constant)) {
      *proto.add_initializer() = initializer_header(value);
    }
  }
}

}  // namespace

void infer_types(Model& model) {
  const auto is_read = [](const Tensor& tensor) {
    return tensor.dtype() == DType::String || tensor.bytes() <= kLargestRead;
  };
  onnx::ModelProto proto = model_to_proto(model, is_read);
  add_weightless(model.graph, is_read, *proto.mutable_graph());
  forget_invented_symbols(*proto.mutable_graph());
  try {
    onnx::shape_inference::InferShapes(proto, onnx::OpSchemaRegistry::Instance(),
                                       onnx::ShapeInferenceOptions(false, 0, true));
  } catch (const std::exception& error) {
    throw Error(ErrorKind::BadInput, std::string("types contradict each other: ") + error.what());
  }
  adopt_types(proto.graph(), model.graph);
}

}  // namespace braid
