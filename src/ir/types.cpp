#include "braid/types.hpp"

#include <array>

namespace braid {
namespace {

struct TypeInfo {
  std::string_view name;
  int bits;
  enum { Other, Float, Integer } family;
};

// Indexed by DType.
constexpr std::array<TypeInfo, 27> kTypes{{
    {"undefined", 0, TypeInfo::Other},      {"float", 32, TypeInfo::Float},
    {"uint8", 8, TypeInfo::Integer},        {"int8", 8, TypeInfo::Integer},
    {"uint16", 16, TypeInfo::Integer},      {"int16", 16, TypeInfo::Integer},
    {"int32", 32, TypeInfo::Integer},       {"int64", 64, TypeInfo::Integer},
    {"string", 0, TypeInfo::Other},         {"bool", 8, TypeInfo::Other},
    {"float16", 16, TypeInfo::Float},       {"double", 64, TypeInfo::Float},
    {"uint32", 32, TypeInfo::Integer},      {"uint64", 64, TypeInfo::Integer},
    {"complex64", 64, TypeInfo::Other},     {"complex128", 128, TypeInfo::Other},
    {"bfloat16", 16, TypeInfo::Float},      {"float8e4m3fn", 8, TypeInfo::Float},
    {"float8e4m3fnuz", 8, TypeInfo::Float}, {"float8e5m2", 8, TypeInfo::Float},
    {"float8e5m2fnuz", 8, TypeInfo::Float}, {"uint4", 4, TypeInfo::Integer},
    {"int4", 4, TypeInfo::Integer},         {"float4e2m1", 4, TypeInfo::Float},
    {"float8e8m0", 8, TypeInfo::Float},     {"uint2", 2, TypeInfo::Integer},
    {"int2", 2, TypeInfo::Integer},
}};

const TypeInfo& info(DType dtype) {
  const auto index = static_cast<std::size_t>(dtype);
  return kTypes[index < kTypes.size() ? index : 0];
}

}  // namespace

std::string_view dtype_name(DType dtype) {
  return info(dtype).name;
}
int dtype_bits(DType dtype) {
  return info(dtype).bits;
}
bool is_float(DType dtype) {
  return info(dtype).family == TypeInfo::Float;
}
bool is_integer(DType dtype) {
  return info(dtype).family == TypeInfo::Integer;
}

std::size_t dtype_bytes(DType dtype, std::int64_t count) {
  const auto bits = static_cast<std::size_t>(info(dtype).bits);
  const auto elements = static_cast<std::size_t>(count);
  return bits >= 8 ? elements * (bits / 8) : (elements * bits + 7) / 8;
}

bool Dim::same_as(const Dim& other) const {
  if (is_known() || other.is_known()) return size == other.size;
  return !symbol.empty() && symbol == other.symbol;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ",";
    const Dim& dim = shape[i];
    text += dim.is_known() ? std::to_string(dim.size) : dim.symbol.empty() ? "?" : dim.symbol;
  }
  return text + "]";
}

std::string to_string(const Type& type) {
  const std::string inner = type.inner ? to_string(*type.inner) : "?";
  const std::string name(dtype_name(type.dtype));
  switch (type.kind) {
    case Type::Kind::Unknown:
      return "unknown";
    case Type::Kind::Tensor:
      return name + (type.shape ? to_string(*type.shape) : "");
    case Type::Kind::SparseTensor:
      return "sparse_tensor(" + name + (type.shape ? to_string(*type.shape) : "") + ")";
    case Type::Kind::Sequence:
      return "seq(" + inner + ")";
    case Type::Kind::Optional:
      return "optional(" + inner + ")";
    case Type::Kind::Map:
      return "map(" + name + "," + inner + ")";
    case Type::Kind::Opaque:
      return "opaque";
  }
  return "unknown";
}

}  // namespace braid
