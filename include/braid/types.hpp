#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

/// Element types. The values are those of onnx.TensorProto.DataType (ONNX IR 13).
enum class DType : int {
  Undefined = 0,
  Float32 = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Float64 = 11,
  UInt32 = 12,
  UInt64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  BFloat16 = 16,
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  UInt4 = 21,
  Int4 = 22,
  Float4E2M1 = 23,
  Float8E8M0 = 24,
  UInt2 = 25,
  Int2 = 26,
};

/// Name as ONNX's text syntax spells it ("float", "int64", "bfloat16"); "undefined" if unknown.
std::string_view dtype_name(DType dtype);

/// Bits of one element; 0 for String and Undefined.
int dtype_bits(DType dtype);

/// Bytes that `count` densely packed elements take (sub-byte types share bytes); 0 for String.
std::size_t dtype_bytes(DType dtype, std::int64_t count);

/// True for the floating-point types, 4 to 64 bits.
bool is_float(DType dtype);

/// True for the signed and unsigned integer types; Bool is none.
bool is_integer(DType dtype);

/// One dimension: a known size, a symbol that stands for one size within a model, or nothing known.
struct Dim {
  std::int64_t size = -1;  ///< elements; negative when not known
  std::string symbol;      ///< name of a symbolic dimension; empty if none
  std::string denotation;  ///< ONNX dimension denotation; empty if none

  static Dim known(std::int64_t size) { return {size, {}, {}}; }
  static Dim named(std::string symbol) { return {-1, std::move(symbol), {}}; }

  bool is_known() const { return size >= 0; }

  /// True if both are certain to have one size: equal numbers or equal symbols.
  bool same_as(const Dim& other) const;
};

/// Dimensions of a tensor of known rank, outermost first.
using Shape = std::vector<Dim>;

/// "[batch,128,?]"
std::string to_string(const Shape& shape);

/// Type of a value: a tensor, or a sequence, optional or map of further types (onnx.TypeProto).
struct Type {
  enum class Kind { Unknown, Tensor, SparseTensor, Sequence, Optional, Map, Opaque };

  Kind kind = Kind::Unknown;
  DType dtype = DType::Undefined;     ///< element type of tensors; key type of maps
  std::optional<Shape> shape;         ///< tensors only; empty if the rank is not known
  std::shared_ptr<const Type> inner;  ///< element type of Sequence, Optional and Map
  std::string denotation;             ///< ONNX type denotation; empty if none
  std::string opaque;                 ///< Opaque: serialised protobuf, kept as it is

  static Type tensor(DType dtype) { return {Kind::Tensor, dtype, {}, {}, {}, {}}; }
  static Type tensor(DType dtype, Shape shape) {
    return {Kind::Tensor, dtype, std::move(shape), {}, {}, {}};
  }

  bool is_tensor() const { return kind == Kind::Tensor; }
};

/// "float[batch,128]", "seq(int64[?])"
std::string to_string(const Type& type);

}  // namespace braid
