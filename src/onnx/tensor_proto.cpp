// onnx.TensorProto <-> Tensor. Typed data fields become raw little-endian bytes.

#include <cstring>
#include <limits>

#include "braid/error.hpp"
#include "onnx/proto.hpp"

namespace braid {
namespace {

[[noreturn]] void fail(const WeightFiles& files, const std::string& tensor,
                       const std::string& cause) {
  throw Error(ErrorKind::BadInput,
              files.model_path().string() + ": tensor '" + tensor + "': " + cause);
}

std::vector<std::int64_t> checked_dims(const onnx::TensorProto& proto, const WeightFiles& files) {
  std::int64_t size = 1;
  for (const std::int64_t dim : proto.dims()) {
    if (dim < 0) fail(files, proto.name(), "dimension " + std::to_string(dim) + " is negative");
    // 2^58 elements of 16 bytes still fit 63 bits.
    if (dim != 0 && size > (std::int64_t{1} << 58) / dim) {
      fail(files, proto.name(), "its dimensions overflow");
    }
    if (dim != 0) size *= dim;
  }
  return {proto.dims().begin(), proto.dims().end()};
}

template <class Target, class Source>
Tensor from_values(const onnx::TensorProto& proto, const Tensor& weightless, const Source& values,
                   const WeightFiles& files) {
  // Before anything is allocated: dims may be as large as a hostile file likes.
  const std::size_t expected = weightless.bytes() / sizeof(Target);
  if (static_cast<std::size_t>(values.size()) != expected) {
    fail(files, proto.name(),
         "has " + std::to_string(values.size()) +
             " values in the field of its type, but its dims say " + std::to_string(expected));
  }
  Tensor tensor = Tensor::allocate(weightless.dtype(), weightless.dims());
  auto* target = reinterpret_cast<Target*>(tensor.mutable_raw().data());
  for (const auto value : values)
    *target++ = static_cast<Target>(value);
  return tensor;
}

// int32_data holds every type up to 32 bits that has no field of its own.
Tensor from_int32_data(const onnx::TensorProto& proto, const Tensor& weightless,
                       const WeightFiles& files) {
  switch (dtype_bits(weightless.dtype())) {
    case 32:
      return from_values<std::int32_t>(proto, weightless, proto.int32_data(), files);
    case 16:
      return from_values<std::uint16_t>(proto, weightless, proto.int32_data(), files);
    default:  // sub-byte types: each int32 holds one packed byte
      return from_values<std::uint8_t>(proto, weightless, proto.int32_data(), files);
  }
}

Tensor from_typed_data(const onnx::TensorProto& proto, const Tensor& weightless,
                       const WeightFiles& files) {
  const bool is_empty = proto.float_data().empty() && proto.double_data().empty() &&
                        proto.int32_data().empty() && proto.int64_data().empty() &&
                        proto.uint64_data().empty();
  if (is_empty && weightless.size() > 0) return weightless;
  switch (weightless.dtype()) {
    case DType::Float32:
    case DType::Complex64:  // pairs
      return from_values<float>(proto, weightless, proto.float_data(), files);
    case DType::Float64:
    case DType::Complex128:
      return from_values<double>(proto, weightless, proto.double_data(), files);
    case DType::Int64:
      return from_values<std::int64_t>(proto, weightless, proto.int64_data(), files);
    case DType::UInt32:
      return from_values<std::uint32_t>(proto, weightless, proto.uint64_data(), files);
    case DType::UInt64:
      return from_values<std::uint64_t>(proto, weightless, proto.uint64_data(), files);
    default:
      return from_int32_data(proto, weightless, files);
  }
}

}  // namespace

Tensor tensor_from_proto(const onnx::TensorProto& proto, WeightFiles& files) {
  const auto dtype = static_cast<DType>(proto.data_type());
  if (dtype != DType::String && dtype_bits(dtype) == 0) {
    fail(files, proto.name(),
         "its element type " + std::to_string(proto.data_type()) + " is unknown to this build");
  }
  if (proto.has_segment()) fail(files, proto.name(), "segmented tensors are not supported");
  std::vector<std::int64_t> dims = checked_dims(proto, files);
  if (dtype == DType::String) {
    std::vector<std::string> values(proto.string_data().begin(), proto.string_data().end());
    if (static_cast<std::int64_t>(values.size()) != Tensor::weightless(dtype, dims).size()) {
      fail(files, proto.name(),
           "has " + std::to_string(values.size()) + " strings, not as many as its dims say");
    }
    return Tensor::strings(std::move(dims), std::move(values));
  }
  Tensor tensor = Tensor::weightless(dtype, dims);
  if (!proto.has_raw_data()) {
    const bool is_elsewhere =
        proto.external_data_size() > 0 || proto.data_location() == onnx::TensorProto::EXTERNAL;
    return is_elsewhere ? files.read(proto, dtype, std::move(dims))
                        : from_typed_data(proto, tensor, files);
  }
  if (proto.raw_data().size() != tensor.bytes()) {
    fail(files, proto.name(),
         "has " + std::to_string(proto.raw_data().size()) +
             " bytes of data, but its type and dims say " + std::to_string(tensor.bytes()));
  }
  tensor = Tensor::allocate(dtype, std::move(dims));
  // An empty tensor has no storage to point at, and memcpy() must not see a null pointer.
  if (tensor.bytes() > 0) {
    std::memcpy(tensor.mutable_raw().data(), proto.raw_data().data(), tensor.bytes());
  }
  return tensor;
}

void tensor_to_proto(const Tensor& tensor, bool with_data, onnx::TensorProto& proto) {
  proto.set_data_type(static_cast<std::int32_t>(tensor.dtype()));
  for (const std::int64_t dim : tensor.dims())
    proto.add_dims(dim);
  if (!with_data || !tensor.has_data()) return;
  if (tensor.dtype() == DType::String) {
    for (const std::string& value : tensor.string_values())
      proto.add_string_data(value);
    return;
  }
  std::string& raw = *proto.mutable_raw_data();
  raw.reserve(tensor.bytes());
  tensor.for_each_piece([&](std::span<const std::byte> piece) {
    raw.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
}

}  // namespace braid
