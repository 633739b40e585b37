#include <algorithm>
#include <set>
#include <unordered_map>

#include "braid/onnx.hpp"
#include "ir/check_attributes.hpp"
#include "ir/check_shapes.hpp"
#include "ir/traverse.hpp"
#include "onnx/check_types.hpp"
#include "onnx/defs/attr_proto_util.h"
#include "onnx/proto.hpp"

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

bool has_attribute(const onnx::NodeProto& node, std::string_view name) {
  return std::ranges::any_of(node.attribute(),
                             [&](const auto& attribute) { return attribute.name() == name; });
}

// Inference of an EyeLike whose input has no type reads a null pointer; a Cast's makes the same
// type.
void become_cast(onnx::NodeProto& node) {
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.name() != "dtype") continue;
    attribute.set_name("to");
    node.set_op_type("Cast");
    break;
  }
}

// What errors need, and what inference would get wrong.
void make_explicit(onnx::GraphProto& graph) {
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    if (node.name().empty() && node.output_size() > 0) node.set_name(node.output(0));
    // Inference takes 0 for the default, which the specification says is 1.
    if (node.op_type() == "STFT" && !has_attribute(node, "onesided"))
      *node.add_attribute() = onnx::MakeAttribute("onesided", std::int64_t{1});
    if (node.op_type() == "EyeLike") become_cast(node);
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) make_explicit(*attribute.mutable_g());
      for (onnx::GraphProto& inner : *attribute.mutable_graphs())
        make_explicit(inner);
    }
  }
}

}  // namespace

void infer_types(Model& model) {
  check_attributes(model.graph);  // inference takes what is left of them in 32 bits
  const auto is_read = [](const Tensor& tensor) {
    return tensor.dtype() == DType::String || tensor.bytes() <= kLargestRead;
  };
  onnx::ModelProto proto = model_to_proto(model, is_read);
  add_weightless(model.graph, is_read, *proto.mutable_graph());
  forget_invented_symbols(*proto.mutable_graph());
  make_explicit(*proto.mutable_graph());
  infer_and_check_types(proto);
  adopt_types(proto.graph(), model.graph);
  check_shapes(model.graph);
}

}  // namespace braid
