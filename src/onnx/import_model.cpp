// onnx.ModelProto -> Model: names become edges; everything else is kept.

#include <string>
#include <unordered_map>

#include "braid/error.hpp"
#include "ir/traverse.hpp"
#include "onnx/proto.hpp"
#include "support/utf8.hpp"

namespace braid {
namespace {

Metadata metadata_from(
    const google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto>& entries) {
  Metadata metadata;
  for (const auto& entry : entries)
    metadata.emplace_back(entry.key(), entry.value());
  return metadata;
}

template <class Range>
std::vector<std::string> serialised(const Range& messages) {
  std::vector<std::string> result;
  for (const auto& message : messages)
    result.push_back(message.SerializeAsString());
  return result;
}

SparseTensor sparse_from(const onnx::SparseTensorProto& proto, WeightFiles& files) {
  return {tensor_from_proto(proto.values(), files),
          tensor_from_proto(proto.indices(), files),
          {proto.dims().begin(), proto.dims().end()}};
}

// Builds one Graph; subgraphs get an importer of their own that knows no outer names, so what they
// do not define is an outer value.
class GraphImporter {
 public:
  GraphImporter(WeightFiles& files, bool is_subgraph) : files_(files), is_subgraph_(is_subgraph) {}

  Graph import(const onnx::GraphProto& proto) {
    graph_.name = proto.name();
    graph_.doc = proto.doc_string();
    graph_.metadata = metadata_from(proto.metadata_props());
    graph_.quantization_annotations = serialised(proto.quantization_annotation());
    for (const auto& input : proto.input()) {
      const ValueId id = define(input.name(), "graph input");
      declare(id, input);
      graph_.inputs.push_back(id);
    }
    for (const auto& initializer : proto.initializer())
      import_initializer(initializer);
    for (const auto& sparse : proto.sparse_initializer()) {
      const std::string& name = sparse.values().name();
      if (!ids_.contains(name)) define(name, "sparse initializer");
      graph_.sparse_initializers.emplace_back(name, sparse_from(sparse, files_));
    }
    import_nodes(proto.node());
    import_value_info(proto.value_info());
    for (const auto& output : proto.output()) {
      const ValueId id = reference(output.name(), "graph output");
      if (!graph_.is_input(id)) declare(id, output);
      graph_.outputs.push_back(id);
    }
    sort_nodes(graph_, files_.model_path().string());
    return std::move(graph_);
  }

  Function import(const onnx::FunctionProto& proto) {
    Function function;
    function.name = proto.name();
    function.domain = proto.domain();
    function.overload = proto.overload();
    function.doc = proto.doc_string();
    function.metadata = metadata_from(proto.metadata_props());
    function.attribute_names.assign(proto.attribute().begin(), proto.attribute().end());
    for (const auto& attribute : proto.attribute_proto()) {
      function.attribute_defaults.push_back(import_attribute(attribute));
    }
    for (const auto& opset : proto.opset_import()) {
      function.opsets.emplace_back(opset.domain(), opset.version());
    }
    for (const auto& name : proto.input())
      graph_.inputs.push_back(define(name, "function input"));
    import_nodes(proto.node());
    import_value_info(proto.value_info());
    for (const auto& name : proto.output()) {
      graph_.outputs.push_back(reference(name, "function output"));
    }
    sort_nodes(graph_, files_.model_path().string());
    function.body = std::move(graph_);
    return function;
  }

 private:
  [[noreturn]] void fail(const std::string& cause) const {
    throw Error(ErrorKind::BadInput, files_.model_path().string() + ": " + cause);
  }

  ValueId define(const std::string& name, const std::string& as) {
    if (name.empty()) fail("a " + as + " has no name");
    if (!is_utf8(name)) fail("'" + as_utf8(name) + "', " + as + ", is no UTF-8; rename it");
    const auto [it, is_new] = ids_.emplace(name, static_cast<ValueId>(graph_.values.size()));
    if (!is_new) fail("'" + name + "' is defined twice, here as " + as);
    graph_.add_value(name);
    return it->second;
  }

  ValueId reference(const std::string& name, const std::string& reader) {
    if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
    if (!is_subgraph_) fail(reader + " reads '" + name + "', which nothing produces");
    const ValueId id = define(name, "outer value");
    graph_.value(id).is_outer = true;
    return id;
  }

  void declare(ValueId id, const onnx::ValueInfoProto& info) {
    Value& value = graph_.value(id);
    value.type = type_from_proto(info.type());
    value.doc = info.doc_string();
    value.metadata = metadata_from(info.metadata_props());
  }

  void import_initializer(const onnx::TensorProto& proto) {
    const auto found = ids_.find(proto.name());
    const bool is_default = found != ids_.end() && graph_.is_input(found->second) &&
                            !graph_.value(found->second).is_constant();
    const ValueId id = is_default ? found->second : define(proto.name(), "initializer");
    Tensor tensor = tensor_from_proto(proto, files_);
    Value& value = graph_.value(id);
    if (!is_default) {
      Shape shape;
      for (const std::int64_t dim : tensor.dims())
        shape.push_back(Dim::known(dim));
      value.type = Type::tensor(tensor.dtype(), std::move(shape));
    }
    value.constant = std::move(tensor);
    value.constant_doc = proto.doc_string();
    value.constant_metadata = metadata_from(proto.metadata_props());
  }

  // Outputs first: files exist whose nodes are not in topological order.
  void import_nodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto>& protos) {
    for (const auto& proto : protos) {
      for (const auto& name : proto.output()) {
        if (!name.empty()) define(name, "output of a node");
      }
    }
    graph_.nodes.reserve(static_cast<std::size_t>(protos.size()));
    for (const auto& proto : protos)
      graph_.nodes.push_back(import_node(proto));
  }

  Node import_node(const onnx::NodeProto& proto) {
    Node node;
    node.op_type = proto.op_type();
    node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
    node.overload = proto.overload();
    node.name = proto.name();
    node.doc = proto.doc_string();
    node.metadata = metadata_from(proto.metadata_props());
    node.device_configurations = serialised(proto.device_configurations());
    const std::string reader = "node '" + node.name + "' (" + node.op_type + ")";
    if (!is_utf8(reader)) fail(as_utf8(reader) + ": its name or operator is no UTF-8; rename it");
    for (const auto& name : proto.input()) {
      node.inputs.push_back(name.empty() ? kAbsent : reference(name, reader));
    }
    for (const auto& name : proto.output()) {
      node.outputs.push_back(name.empty() ? kAbsent : ids_.at(name));
    }
    for (const auto& attribute : proto.attribute()) {
      node.attributes.add(import_attribute(attribute));
    }
    if (!is_subgraph_) check_outer_names(node, reader);
    return node;
  }

  void check_outer_names(const Node& node, const std::string& reader) const {
    for_each_subgraph(node, [&](const GraphPtr& inner) {
      for (const std::string& name : outer_names(*inner)) {
        if (!ids_.contains(name)) {
          fail("a subgraph of " + reader + " reads '" + name + "', which nothing produces");
        }
      }
    });
  }

  Attribute import_attribute(const onnx::AttributeProto& proto) {
    Attribute attribute;
    attribute.name = proto.name();
    attribute.doc = proto.doc_string();
    attribute.reference = proto.ref_attr_name();
    if (proto.has_t()) attribute.tensor_names = {proto.t().name()};
    for (const auto& tensor : proto.tensors())
      attribute.tensor_names.push_back(tensor.name());
    attribute.value = import_attribute_value(proto);
    return attribute;
  }

  AttributeValue import_attribute_value(const onnx::AttributeProto& proto) {
    using P = onnx::AttributeProto;
    const bool is_reference = !proto.ref_attr_name().empty();  // then it has no value of its own
    switch (proto.type()) {
      case P::FLOAT:
        return proto.f();
      case P::INT:
        return static_cast<std::int64_t>(proto.i());
      case P::STRING:
        return proto.s();
      case P::TENSOR:
        return is_reference ? Tensor() : tensor_from_proto(proto.t(), files_);
      case P::GRAPH:
        return import_subgraph(proto.g());
      case P::SPARSE_TENSOR:
        return is_reference ? SparseTensor() : sparse_from(proto.sparse_tensor(), files_);
      case P::TYPE_PROTO:
        return type_from_proto(proto.tp());
      case P::FLOATS:
        return std::vector<float>(proto.floats().begin(), proto.floats().end());
      case P::INTS:
        return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
      case P::STRINGS:
        return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
      case P::TENSORS:
        return convert<Tensor>(proto.tensors(),
                               [&](const auto& t) { return tensor_from_proto(t, files_); });
      case P::GRAPHS:
        return convert<GraphPtr>(proto.graphs(), [&](const auto& g) { return import_subgraph(g); });
      case P::SPARSE_TENSORS:
        return convert<SparseTensor>(proto.sparse_tensors(),
                                     [&](const auto& t) { return sparse_from(t, files_); });
      case P::TYPE_PROTOS:
        return convert<Type>(proto.type_protos(), [](const auto& t) { return type_from_proto(t); });
      default:
        fail("attribute '" + proto.name() + "' has no type");
    }
  }

  GraphPtr import_subgraph(const onnx::GraphProto& proto) {
    return std::make_shared<Graph>(GraphImporter(files_, true).import(proto));
  }

  template <class T, class Range, class Convert>
  static std::vector<T> convert(const Range& range, Convert one) {
    std::vector<T> result;
    for (const auto& item : range)
      result.push_back(one(item));
    return result;
  }

  void import_value_info(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& infos) {
    for (const auto& info : infos) {
      const auto found = ids_.find(info.name());
      // Entries for values that no longer exist are common; they are kept like the others.
      const ValueId id = found != ids_.end() ? found->second : define(info.name(), "value_info");
      declare(id, info);
      graph_.value(id).is_declared = true;
    }
  }

  WeightFiles& files_;
  bool is_subgraph_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> ids_;
};

}  // namespace

Model model_from_proto(const onnx::ModelProto& proto, WeightFiles& files) {
  Model model;
  model.ir_version = proto.ir_version();
  for (const auto& opset : proto.opset_import()) {
    model.opsets.emplace_back(opset.domain(), opset.version());
  }
  model.producer_name = proto.producer_name();
  model.producer_version = proto.producer_version();
  model.domain = proto.domain();
  model.model_version = proto.model_version();
  model.doc = proto.doc_string();
  model.metadata = metadata_from(proto.metadata_props());
  model.training_info = serialised(proto.training_info());
  model.configurations = serialised(proto.configuration());
  for (const auto& function : proto.functions()) {
    model.functions.push_back(GraphImporter(files, false).import(function));
  }
  model.graph = GraphImporter(files, false).import(proto.graph());
  return model;
}

}  // namespace braid
