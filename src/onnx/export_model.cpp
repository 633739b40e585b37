// Model -> onnx.ModelProto.

#include "onnx/proto.hpp"

namespace braid {

void metadata_to_proto(const Metadata& metadata,
                       google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto>& entries) {
  for (const auto& [key, value] : metadata) {
    auto& entry = *entries.Add();
    entry.set_key(key);
    entry.set_value(value);
  }
}

namespace {

const KeepData kKeepAll = [](const Tensor&) { return true; };

void graph_to_proto(const Graph& graph, const KeepData& keep_data, onnx::GraphProto& proto);

void sparse_to_proto(const SparseTensor& sparse, onnx::SparseTensorProto& proto) {
  tensor_to_proto(sparse.values, true, *proto.mutable_values());
  tensor_to_proto(sparse.indices, true, *proto.mutable_indices());
  for (const std::int64_t dim : sparse.dims)
    proto.add_dims(dim);
}

// Writes the alternative that an attribute holds; one overload per type.
struct AttributeWriter {
  onnx::AttributeProto& proto;

  void operator()(std::int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const Tensor& value) const {
    proto.set_type(onnx::AttributeProto::TENSOR);
    tensor_to_proto(value, true, *proto.mutable_t());
  }
  void operator()(const GraphPtr& value) const {
    proto.set_type(onnx::AttributeProto::GRAPH);
    graph_to_proto(*value, kKeepAll, *proto.mutable_g());
  }
  void operator()(const SparseTensor& value) const {
    proto.set_type(onnx::AttributeProto::SPARSE_TENSOR);
    sparse_to_proto(value, *proto.mutable_sparse_tensor());
  }
  void operator()(const Type& value) const {
    proto.set_type(onnx::AttributeProto::TYPE_PROTO);
    type_to_proto(value, *proto.mutable_tp());
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values)
      proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values)
      proto.add_floats(value);
  }
  void operator()(const std::vector<std::string>& values) const {
    proto.set_type(onnx::AttributeProto::STRINGS);
    for (const std::string& value : values)
      proto.add_strings(value);
  }
  void operator()(const std::vector<Tensor>& values) const {
    proto.set_type(onnx::AttributeProto::TENSORS);
    for (const Tensor& value : values)
      tensor_to_proto(value, true, *proto.add_tensors());
  }
  void operator()(const std::vector<GraphPtr>& values) const {
    proto.set_type(onnx::AttributeProto::GRAPHS);
    for (const GraphPtr& value : values)
      graph_to_proto(*value, kKeepAll, *proto.add_graphs());
  }
  void operator()(const std::vector<SparseTensor>& values) const {
    proto.set_type(onnx::AttributeProto::SPARSE_TENSORS);
    for (const SparseTensor& value : values)
      sparse_to_proto(value, *proto.add_sparse_tensors());
  }
  void operator()(const std::vector<Type>& values) const {
    proto.set_type(onnx::AttributeProto::TYPE_PROTOS);
    for (const Type& value : values)
      type_to_proto(value, *proto.add_type_protos());
  }
};

void attribute_to_proto(const Attribute& attribute, onnx::AttributeProto& proto) {
  proto.set_name(attribute.name);
  if (!attribute.doc.empty()) proto.set_doc_string(attribute.doc);
  std::visit(AttributeWriter{proto}, attribute.value);
  const auto& names = attribute.tensor_names;
  // No name and an empty one are the same.
  const auto set_name = [](onnx::TensorProto& tensor, const std::string& name) {
    if (!name.empty()) tensor.set_name(name);
  };
  if (proto.has_t() && names.size() == 1) set_name(*proto.mutable_t(), names[0]);
  for (int i = 0; i < proto.tensors_size() && static_cast<std::size_t>(i) < names.size(); ++i)
    set_name(*proto.mutable_tensors(i), names[static_cast<std::size_t>(i)]);
  if (!attribute.reference.empty()) {
    // Only the type goes with a reference; the value is the caller's.
    const auto type = proto.type();
    proto.Clear();
    proto.set_name(attribute.name);
    proto.set_type(type);
    proto.set_ref_attr_name(attribute.reference);
    if (!attribute.doc.empty()) proto.set_doc_string(attribute.doc);
  }
}

void node_to_proto(const Graph& graph, const Node& node, onnx::NodeProto& proto) {
  const auto name_of = [&](ValueId id) { return id == kAbsent ? "" : graph.value(id).name; };
  for (const ValueId id : node.inputs)
    proto.add_input(name_of(id));
  for (const ValueId id : node.outputs)
    proto.add_output(name_of(id));
  if (!node.name.empty()) proto.set_name(node.name);
  proto.set_op_type(node.op_type);
  if (!node.domain.empty()) proto.set_domain(node.domain);
  if (!node.overload.empty()) proto.set_overload(node.overload);
  for (const Attribute& attribute : node.attributes) {
    attribute_to_proto(attribute, *proto.add_attribute());
  }
  if (!node.doc.empty()) proto.set_doc_string(node.doc);
  metadata_to_proto(node.metadata, *proto.mutable_metadata_props());
  for (const std::string& bytes : node.device_configurations) {
    proto.add_device_configurations()->ParseFromString(bytes);
  }
}

void value_to_proto(const Value& value, onnx::ValueInfoProto& proto) {
  proto.set_name(value.name);
  if (value.type.kind != Type::Kind::Unknown || !value.type.denotation.empty()) {
    type_to_proto(value.type, *proto.mutable_type());
  }
  if (!value.doc.empty()) proto.set_doc_string(value.doc);
  metadata_to_proto(value.metadata, *proto.mutable_metadata_props());
}

void graph_to_proto(const Graph& graph, const KeepData& keep_data, onnx::GraphProto& proto) {
  proto.set_name(graph.name);
  if (!graph.doc.empty()) proto.set_doc_string(graph.doc);
  metadata_to_proto(graph.metadata, *proto.mutable_metadata_props());
  for (const ValueId id : graph.inputs)
    value_to_proto(graph.value(id), *proto.add_input());
  for (const ValueId id : graph.outputs)
    value_to_proto(graph.value(id), *proto.add_output());
  for (const Value& value : graph.values) {
    if (value.is_constant() && keep_data(value.constant)) {
      onnx::TensorProto& initializer = *proto.add_initializer();
      initializer = initializer_header(value);
      initializer.clear_dims();
      tensor_to_proto(value.constant, true, initializer);
    }
    if (value.is_declared) value_to_proto(value, *proto.add_value_info());
  }
  for (const auto& [name, sparse] : graph.sparse_initializers) {
    sparse_to_proto(sparse, *proto.add_sparse_initializer());
    auto& added = *proto.mutable_sparse_initializer(proto.sparse_initializer_size() - 1);
    added.mutable_values()->set_name(name);
  }
  for (const Node& node : graph.nodes)
    node_to_proto(graph, node, *proto.add_node());
  for (const std::string& bytes : graph.quantization_annotations) {
    proto.add_quantization_annotation()->ParseFromString(bytes);
  }
}

void opsets_to_proto(const std::vector<std::pair<std::string, std::int64_t>>& opsets,
                     google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>& protos) {
  for (const auto& [domain, version] : opsets) {
    auto& proto = *protos.Add();
    proto.set_domain(domain);
    proto.set_version(version);
  }
}

void function_to_proto(const Function& function, onnx::FunctionProto& proto) {
  proto.set_name(function.name);
  if (!function.domain.empty()) proto.set_domain(function.domain);
  if (!function.overload.empty()) proto.set_overload(function.overload);
  if (!function.doc.empty()) proto.set_doc_string(function.doc);
  metadata_to_proto(function.metadata, *proto.mutable_metadata_props());
  for (const std::string& name : function.attribute_names)
    proto.add_attribute(name);
  for (const Attribute& attribute : function.attribute_defaults) {
    attribute_to_proto(attribute, *proto.add_attribute_proto());
  }
  opsets_to_proto(function.opsets, *proto.mutable_opset_import());
  const Graph& body = function.body;
  for (const ValueId id : body.inputs)
    proto.add_input(body.value(id).name);
  for (const ValueId id : body.outputs)
    proto.add_output(body.value(id).name);
  for (const Node& node : body.nodes)
    node_to_proto(body, node, *proto.add_node());
  for (const Value& value : body.values) {
    if (value.is_declared) value_to_proto(value, *proto.add_value_info());
  }
}

}  // namespace

onnx::TensorProto initializer_header(const Value& value) {
  onnx::TensorProto proto;
  tensor_to_proto(value.constant, false, proto);
  proto.set_name(value.name);
  if (!value.constant_doc.empty()) proto.set_doc_string(value.constant_doc);
  metadata_to_proto(value.constant_metadata, *proto.mutable_metadata_props());
  return proto;
}

onnx::ModelProto model_to_proto(const Model& model, const KeepData& keep_data) {
  onnx::ModelProto proto;
  proto.set_ir_version(model.ir_version);
  opsets_to_proto(model.opsets, *proto.mutable_opset_import());
  if (!model.producer_name.empty()) proto.set_producer_name(model.producer_name);
  if (!model.producer_version.empty()) proto.set_producer_version(model.producer_version);
  if (!model.domain.empty()) proto.set_domain(model.domain);
  if (model.model_version != 0) proto.set_model_version(model.model_version);
  if (!model.doc.empty()) proto.set_doc_string(model.doc);
  metadata_to_proto(model.metadata, *proto.mutable_metadata_props());
  for (const std::string& bytes : model.training_info) {
    proto.add_training_info()->ParseFromString(bytes);
  }
  for (const std::string& bytes : model.configurations) {
    proto.add_configuration()->ParseFromString(bytes);
  }
  for (const Function& function : model.functions) {
    function_to_proto(function, *proto.add_functions());
  }
  graph_to_proto(model.graph, keep_data, *proto.mutable_graph());
  return proto;
}

}  // namespace braid
