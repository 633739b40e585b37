#include "onnx/normalise_proto.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/temporary_folder.hpp"

namespace braid {
namespace {

template <class Target, class Source>
std::string bytes_of(const Source& values) {
  std::string bytes;
  for (const auto value : values) {
    const auto target = static_cast<Target>(value);
    bytes.append(reinterpret_cast<const char*>(&target), sizeof(target));
  }
  return bytes;
}

std::string typed_bytes(const onnx::TensorProto& tensor) {
  using T = onnx::TensorProto;
  switch (tensor.data_type()) {
    case T::FLOAT:
    case T::COMPLEX64:
      return bytes_of<float>(tensor.float_data());
    case T::DOUBLE:
    case T::COMPLEX128:
      return bytes_of<double>(tensor.double_data());
    case T::INT64:
      return bytes_of<std::int64_t>(tensor.int64_data());
    case T::UINT64:
      return bytes_of<std::uint64_t>(tensor.uint64_data());
    case T::UINT32:
      return bytes_of<std::uint32_t>(tensor.uint64_data());
    case T::INT32:
      return bytes_of<std::int32_t>(tensor.int32_data());
    case T::INT16:
    case T::UINT16:
    case T::FLOAT16:
    case T::BFLOAT16:
      return bytes_of<std::uint16_t>(tensor.int32_data());
    default:
      return bytes_of<std::uint8_t>(tensor.int32_data());
  }
}

template <class Messages, class Key>
void sort_by(Messages& messages, const Key& key) {
  std::stable_sort(messages.pointer_begin(), messages.pointer_end(),
                   [&](const auto* a, const auto* b) { return key(*a) < key(*b); });
}

// Setting a field to what it already says makes a present field of an absent one.
class Normaliser {
 public:
  Normaliser(std::filesystem::path folder, bool is_order_kept)
      : folder_(std::move(folder)), is_order_kept_(is_order_kept) {}

  void model(onnx::ModelProto& proto) {
    proto.set_producer_name(proto.producer_name());
    proto.set_producer_version(proto.producer_version());
    proto.set_domain(proto.domain());
    proto.set_model_version(proto.model_version());
    proto.set_doc_string(proto.doc_string());
    opsets(*proto.mutable_opset_import());
    for (auto& function : *proto.mutable_functions())
      this->function(function);
    graph(*proto.mutable_graph());
  }

 private:
  static std::string domain_of(const std::string& domain) {
    return domain == "ai.onnx" ? "" : domain;
  }

  template <class Opsets>
  static void opsets(Opsets& protos) {
    for (auto& proto : protos)
      proto.set_domain(domain_of(proto.domain()));
  }

  void function(onnx::FunctionProto& proto) {
    proto.set_domain(proto.domain());
    proto.set_overload(proto.overload());
    proto.set_doc_string(proto.doc_string());
    opsets(*proto.mutable_opset_import());
    for (auto& one : *proto.mutable_attribute_proto())
      attribute(one);
    nodes(*proto.mutable_node());
    values(*proto.mutable_value_info());
    sort_by(*proto.mutable_value_info(), [](const auto& info) { return info.name(); });
  }

  void graph(onnx::GraphProto& proto) {
    proto.set_name(proto.name());
    proto.set_doc_string(proto.doc_string());
    nodes(*proto.mutable_node());
    for (auto& one : *proto.mutable_initializer())
      tensor(one);
    for (auto& one : *proto.mutable_sparse_initializer()) {
      const std::string name = one.values().name();
      sparse(one);
      one.mutable_values()->set_name(name);
    }
    values(*proto.mutable_input());
    values(*proto.mutable_output());
    values(*proto.mutable_value_info());
    sort_by(*proto.mutable_initializer(), [](const auto& one) { return one.name(); });
    sort_by(*proto.mutable_value_info(), [](const auto& info) { return info.name(); });
  }

  template <class Nodes>
  void nodes(Nodes& protos) {
    for (auto& proto : protos) {
      proto.set_name(proto.name());
      proto.set_domain(domain_of(proto.domain()));
      proto.set_overload(proto.overload());
      proto.set_doc_string(proto.doc_string());
      for (auto& one : *proto.mutable_attribute())
        attribute(one);
    }
    if (!is_order_kept_) {
      sort_by(protos, [](const auto& node) { return node.SerializeAsString(); });
    }
  }

  void attribute(onnx::AttributeProto& proto) {
    using P = onnx::AttributeProto;
    proto.set_doc_string(proto.doc_string());
    proto.set_ref_attr_name(proto.ref_attr_name());
    if (proto.ref_attr_name().empty()) {
      if (proto.type() == P::INT) proto.set_i(proto.i());
      if (proto.type() == P::FLOAT) proto.set_f(proto.f());
      if (proto.type() == P::STRING) proto.set_s(proto.s());
    }
    if (proto.has_t()) undocumented(*proto.mutable_t());
    for (auto& one : *proto.mutable_tensors())
      undocumented(one);
    if (proto.has_sparse_tensor()) sparse(*proto.mutable_sparse_tensor());
    for (auto& one : *proto.mutable_sparse_tensors())
      sparse(one);
    if (proto.has_g()) graph(*proto.mutable_g());
    for (auto& one : *proto.mutable_graphs())
      graph(one);
    if (proto.has_tp()) type(*proto.mutable_tp());
    for (auto& one : *proto.mutable_type_protos())
      type(one);
  }

  void sparse(onnx::SparseTensorProto& proto) {
    nameless(*proto.mutable_values());
    nameless(*proto.mutable_indices());
  }

  void undocumented(onnx::TensorProto& proto) {
    proto.clear_doc_string();
    proto.clear_metadata_props();
    tensor(proto);
  }

  void nameless(onnx::TensorProto& proto) {
    proto.clear_name();
    undocumented(proto);
  }

  void tensor(onnx::TensorProto& proto) {
    proto.set_name(proto.name());
    proto.set_doc_string(proto.doc_string());
    if (proto.data_type() != onnx::TensorProto::STRING && !proto.has_raw_data()) {
      std::string raw = proto.external_data_size() > 0 ? external(proto) : typed_bytes(proto);
      const bool is_weightless = raw.empty() && std::find(proto.dims().begin(), proto.dims().end(),
                                                          0) == proto.dims().end();
      if (!is_weightless) proto.set_raw_data(std::move(raw));
    }
    proto.clear_float_data();
    proto.clear_double_data();
    proto.clear_int32_data();
    proto.clear_int64_data();
    proto.clear_uint64_data();
    proto.clear_external_data();
    proto.clear_data_location();
  }

  std::string external(const onnx::TensorProto& proto) const {
    std::string location;
    std::size_t offset = 0;
    std::size_t length = 0;
    for (const auto& entry : proto.external_data()) {
      if (entry.key() == "location") location = entry.value();
      if (entry.key() == "offset") offset = std::stoull(entry.value());
      if (entry.key() == "length") length = std::stoull(entry.value());
    }
    EXPECT_EQ(offset % 4096, 0U) << proto.name();
    return read_file(folder_ / location).substr(offset, length);
  }

  template <class Values>
  void values(Values& protos) {
    for (auto& proto : protos) {
      proto.set_doc_string(proto.doc_string());
      type(*proto.mutable_type());
    }
  }

  void type(onnx::TypeProto& proto) {
    proto.set_denotation(proto.denotation());
    if (proto.has_tensor_type()) tensor_type(*proto.mutable_tensor_type());
    if (proto.has_sparse_tensor_type()) tensor_type(*proto.mutable_sparse_tensor_type());
    if (proto.has_sequence_type()) type(*proto.mutable_sequence_type()->mutable_elem_type());
    if (proto.has_optional_type()) type(*proto.mutable_optional_type()->mutable_elem_type());
    if (proto.has_map_type()) type(*proto.mutable_map_type()->mutable_value_type());
  }

  template <class TensorType>
  static void tensor_type(TensorType& proto) {
    proto.set_elem_type(proto.elem_type());
    if (!proto.has_shape()) return;
    for (auto& dim : *proto.mutable_shape()->mutable_dim()) {
      if (dim.has_dim_param() && dim.dim_param().empty()) dim.clear_dim_param();
      dim.set_denotation(dim.denotation());
    }
  }

  std::filesystem::path folder_;
  bool is_order_kept_;
};

}  // namespace

std::string normalised(onnx::ModelProto model, const std::filesystem::path& folder,
                       bool is_order_kept) {
  Normaliser(folder, is_order_kept).model(model);
  return model.SerializeAsString();
}

}  // namespace braid
