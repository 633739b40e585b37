#include "npz/npy_format.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <xtensor/xnpy.hpp>

#include "braid/error.hpp"
#include "npz/npy_dict.hpp"

namespace braid {
namespace {

constexpr std::size_t kMagicBytes = 6;
constexpr int kMaximumRank = 64;  // NumPy's own limit

struct TypeName {
  std::string_view descr;
  DType dtype;
};

constexpr std::array<TypeName, 12> kTypes = {{{"|b1", DType::Bool},
                                              {"|i1", DType::Int8},
                                              {"|u1", DType::UInt8},
                                              {"<i2", DType::Int16},
                                              {"<u2", DType::UInt16},
                                              {"<i4", DType::Int32},
                                              {"<u4", DType::UInt32},
                                              {"<i8", DType::Int64},
                                              {"<u8", DType::UInt64},
                                              {"<f2", DType::Float16},
                                              {"<f4", DType::Float32},
                                              {"<f8", DType::Float64}}};

DType type_of(const std::string& descr) {
  for (const TypeName& type : kTypes) {
    if (type.descr == descr) return type.dtype;
  }
  const std::string cause = descr.starts_with('>') ? "is big-endian" : "is not supported";
  throw std::invalid_argument("type '" + descr + "' " + cause +
                              "; convert the array, e.g. with .astype(numpy.float32)");
}

struct Header {
  NpyDict dict;
  std::size_t bytes = 0;  // up to the data
};

Header parse_header(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with("\x93NUMPY") || text.size() < kMagicBytes + 4) {
    throw std::invalid_argument("is no .npy file; write it with numpy.save or numpy.savez");
  }
  const int version = static_cast<unsigned char>(text[kMagicBytes]);
  if (version < 1 || version > 3) {
    throw std::invalid_argument("has .npy version " + std::to_string(version) +
                                ", but 1 to 3 are known");
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = kMagicBytes + 2 + length_bytes;
  if (text.size() < start) throw std::invalid_argument("ends within its header; write it again");
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= std::size_t{static_cast<unsigned char>(text[kMagicBytes + 2 + i])} << (8 * i);
  }
  if (text.size() - start < length) {
    throw std::invalid_argument("ends within its header; write it again");
  }
  return {parse_npy_dict(text.substr(start, length)), start + length};
}

// Number of bytes that the header claims; refuses claims beyond `available` without overflow.
std::size_t data_bytes(const NpyDict& dict, DType dtype, std::size_t available) {
  if (dict.shape.size() > kMaximumRank) {
    throw std::invalid_argument("has rank " + std::to_string(dict.shape.size()) + ", at most " +
                                std::to_string(kMaximumRank) + " is supported");
  }
  const bool is_empty = std::find(dict.shape.begin(), dict.shape.end(), 0) != dict.shape.end();
  std::size_t bytes = is_empty ? 0 : dtype_bytes(dtype, 1);
  for (const std::int64_t dim : dict.shape) {
    if (is_empty) break;
    if (bytes > std::numeric_limits<std::size_t>::max() / static_cast<std::size_t>(dim)) {
      throw std::invalid_argument("has a shape that overflows");
    }
    bytes *= static_cast<std::size_t>(dim);
  }
  if (bytes != available) {
    throw std::invalid_argument("holds " + std::to_string(available) +
                                " bytes of data, but its header says " + std::to_string(bytes) +
                                "; write it again");
  }
  return bytes;
}

Tensor transposed(const Tensor& columns, const std::vector<std::int64_t>& dims) {
  Tensor rows = Tensor::allocate(columns.dtype(), dims);
  const std::size_t element = dtype_bytes(rows.dtype(), 1);
  std::vector<std::int64_t> index(dims.size(), 0);
  const std::byte* source = columns.raw().data();
  std::byte* target = rows.mutable_raw().data();
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    std::int64_t from = 0;
    for (std::size_t axis = dims.size(); axis-- > 0;)
      from = from * dims[axis] + index[axis];
    std::memcpy(target + static_cast<std::size_t>(i) * element,
                source + static_cast<std::size_t>(from) * element, element);
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
  return rows;
}

// Kernels rely on aligned elements, and on 0 and 1 in a bool.
Tensor sound(const Tensor& tensor) {
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.raw().data());
  const bool is_bool = tensor.dtype() == DType::Bool;
  if (!is_bool && address % dtype_bytes(tensor.dtype(), 1) == 0) return tensor;
  Tensor copy = Tensor::allocate(tensor.dtype(), tensor.dims());
  std::transform(tensor.raw().begin(), tensor.raw().end(), copy.mutable_raw().begin(),
                 [&](std::byte byte) { return is_bool ? std::byte{byte != std::byte{0}} : byte; });
  return copy;
}

Tensor parse(std::span<const std::byte> file, std::shared_ptr<const void> owner) {
  const Header header = parse_header(file);
  const DType dtype = type_of(header.dict.descr);
  const std::size_t bytes = data_bytes(header.dict, dtype, file.size() - header.bytes);
  const Tensor tensor = sound(Tensor::borrow(dtype, header.dict.shape,
                                             file.subspan(header.bytes, bytes), std::move(owner)));
  const bool is_turned = header.dict.is_fortran_order && tensor.rank() > 1 && bytes > 0;
  return is_turned ? transposed(tensor, header.dict.shape) : tensor;
}

}  // namespace

Tensor parse_npy(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                 const std::string& place) {
  try {
    return parse(file, std::move(owner));
  } catch (const std::invalid_argument& error) {
    throw Error(ErrorKind::BadInput, place + ": " + error.what());
  }
}

std::string npy_header(DType dtype, const std::vector<std::int64_t>& dims,
                       const std::string& place) {
  for (const TypeName& type : kTypes) {
    if (type.dtype != dtype) continue;
    std::ostringstream text;
    xt::detail::write_header(text, std::string(type.descr), false, dims);
    return text.str();
  }
  throw Error(ErrorKind::Output, place + ": NumPy has no type for " +
                                     std::string(dtype_name(dtype)) +
                                     "; cast it within the model, e.g. to float");
}

}  // namespace braid
