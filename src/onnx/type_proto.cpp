// onnx.TypeProto <-> Type.

#include <string>

#include "braid/error.hpp"
#include "onnx/proto.hpp"

namespace braid {
namespace {

// No tensor is as large, and sizes of members together stay far from what an integer holds.
constexpr std::int64_t kLargestSize = std::int64_t{1} << 48;

std::int64_t checked_size(std::int64_t size) {
  if (size > kLargestSize)
    throw Error(ErrorKind::BadInput, "a shape has a dim of " + std::to_string(size) +
                                         ", which no tensor can have; export the model again");
  return size;
}

template <class TensorType>
Type from_tensor_type(Type::Kind kind, const TensorType& proto) {
  Type type;
  type.kind = kind;
  type.dtype = static_cast<DType>(proto.elem_type());
  if (!proto.has_shape()) return type;
  Shape shape;
  for (const auto& dim_proto : proto.shape().dim()) {
    Dim dim;
    if (dim_proto.has_dim_value()) dim.size = checked_size(dim_proto.dim_value());
    if (dim_proto.has_dim_param()) dim.symbol = dim_proto.dim_param();
    dim.denotation = dim_proto.denotation();
    shape.push_back(std::move(dim));
  }
  type.shape = std::move(shape);
  return type;
}

template <class TensorType>
void to_tensor_type(const Type& type, TensorType& proto) {
  proto.set_elem_type(static_cast<std::int32_t>(type.dtype));
  if (!type.shape) return;
  proto.mutable_shape();
  for (const Dim& dim : *type.shape) {
    auto& dim_proto = *proto.mutable_shape()->add_dim();
    if (dim.is_known()) dim_proto.set_dim_value(dim.size);
    if (!dim.is_known() && !dim.symbol.empty()) dim_proto.set_dim_param(dim.symbol);
    if (!dim.denotation.empty()) dim_proto.set_denotation(dim.denotation);
  }
}

Type nested(Type::Kind kind, const onnx::TypeProto& inner, DType key = DType::Undefined) {
  Type type;
  type.kind = kind;
  type.dtype = key;
  type.inner = std::make_shared<const Type>(type_from_proto(inner));
  return type;
}

}  // namespace

Type type_from_proto(const onnx::TypeProto& proto) {
  Type type;
  switch (proto.value_case()) {
    case onnx::TypeProto::kTensorType:
      type = from_tensor_type(Type::Kind::Tensor, proto.tensor_type());
      break;
    case onnx::TypeProto::kSparseTensorType:
      type = from_tensor_type(Type::Kind::SparseTensor, proto.sparse_tensor_type());
      break;
    case onnx::TypeProto::kSequenceType:
      type = nested(Type::Kind::Sequence, proto.sequence_type().elem_type());
      break;
    case onnx::TypeProto::kOptionalType:
      type = nested(Type::Kind::Optional, proto.optional_type().elem_type());
      break;
    case onnx::TypeProto::kMapType:
      type = nested(Type::Kind::Map, proto.map_type().value_type(),
                    static_cast<DType>(proto.map_type().key_type()));
      break;
    case onnx::TypeProto::kOpaqueType:
      type.kind = Type::Kind::Opaque;
      type.opaque = proto.opaque_type().SerializeAsString();
      break;
    case onnx::TypeProto::VALUE_NOT_SET:
      break;
  }
  type.denotation = proto.denotation();
  return type;
}

void type_to_proto(const Type& type, onnx::TypeProto& proto) {
  switch (type.kind) {
    case Type::Kind::Unknown:
      break;
    case Type::Kind::Tensor:
      to_tensor_type(type, *proto.mutable_tensor_type());
      break;
    case Type::Kind::SparseTensor:
      to_tensor_type(type, *proto.mutable_sparse_tensor_type());
      break;
    case Type::Kind::Sequence:
      type_to_proto(*type.inner, *proto.mutable_sequence_type()->mutable_elem_type());
      break;
    case Type::Kind::Optional:
      type_to_proto(*type.inner, *proto.mutable_optional_type()->mutable_elem_type());
      break;
    case Type::Kind::Map:
      proto.mutable_map_type()->set_key_type(static_cast<std::int32_t>(type.dtype));
      type_to_proto(*type.inner, *proto.mutable_map_type()->mutable_value_type());
      break;
    case Type::Kind::Opaque:
      proto.mutable_opaque_type()->ParseFromString(type.opaque);
      break;
  }
  if (!type.denotation.empty()) proto.set_denotation(type.denotation);
}

}  // namespace braid
