#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/types.hpp"

namespace braid {

/// A dense tensor: element type, dimensions, and shared storage, row-major and little-endian.
///
/// Copying a Tensor shares its storage. Storage is one of
///  - nothing: the tensor is weightless (dims but no data, see models/README.md);
///  - bytes in memory, owned or borrowed (a mapped file), contiguous;
///  - strings;
///  - a concatenation of other tensors along one axis, whose bytes are never copied together until
///    somebody asks: so are members' weights stacked without holding them in memory;
///  - a stream: a function that makes the bytes whenever somebody asks, so that weights can be
///    transposed or converted without holding them in memory.
class Tensor {
 public:
  Tensor() = default;

  /// Zeroed, writable storage. Throws Error: BadInput for negative dims, Device beyond the Limits.
  static Tensor allocate(DType dtype, std::vector<std::int64_t> dims);

  /// Borrows `bytes`, kept alive by `owner`. The size must be that of dtype and dims.
  static Tensor borrow(DType dtype, std::vector<std::int64_t> dims,
                       std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  static Tensor weightless(DType dtype, std::vector<std::int64_t> dims);
  static Tensor strings(std::vector<std::int64_t> dims, std::vector<std::string> values);

  /// The parts laid one after the other along `axis`; they agree in type and in all other dims.
  static Tensor concatenation(std::vector<Tensor> parts, int axis);

  /// Takes bytes piece by piece, in row-major order.
  using PieceSink = std::function<void(std::span<const std::byte>)>;

  /// Bytes that `source` hands to its sink, as many as dtype and dims need; it may be called again
  /// and must hand out the same.
  static Tensor streamed(DType dtype, std::vector<std::int64_t> dims,
                         std::function<void(const PieceSink&)> source);

  /// A copy of `values`, with the element type of T.
  template <class T>
  static Tensor of(std::vector<std::int64_t> dims, const std::vector<T>& values);

  DType dtype() const { return dtype_; }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  std::int64_t dim(int axis) const { return dims_[static_cast<std::size_t>(axis)]; }
  int rank() const { return static_cast<int>(dims_.size()); }

  /// Number of elements; 1 for a scalar. At most 2^58, of which the bytes fit 63 bits.
  std::int64_t size() const;

  /// Bytes of the data, whether present or not; 0 for strings.
  std::size_t bytes() const { return dtype_bytes(dtype_, size()); }

  /// False for a default-constructed Tensor.
  explicit operator bool() const { return dtype_ != DType::Undefined; }
  bool has_data() const { return storage_ != nullptr; }

  /// False for weightless tensors, strings, concatenations and streams.
  bool is_contiguous() const;

  /// The bytes of a contiguous tensor; valid while any Tensor shares this storage.
  std::span<const std::byte> raw() const;

  /// Writable bytes; only for tensors from allocate() whose storage nobody else shares.
  std::span<std::byte> mutable_raw();

  /// Tells storages apart: equal for tensors that share one. Null without data.
  const void* identity() const { return storage_.get(); }

  /// What a concatenation consists of, and along which axis; itself and 0 for any other tensor.
  /// Reshaped concatenations count as others.
  std::pair<std::vector<Tensor>, int> parts() const;

  /// Where the bytes of a part lie in a tensor: blocks of `block` bytes, `stride` bytes apart.
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t block = 0;  ///< all bytes of the part if it is not interleaved with others
    std::uint64_t stride = 0;
  };

  /// Calls `visit` with each tensor that this one is concatenated from, or with itself.
  void for_each_part(const std::function<void(const Tensor& part, const Place&)>& visit) const;

  template <class T>
  std::span<const T> data() const {
    return {reinterpret_cast<const T*>(raw().data()), static_cast<std::size_t>(size())};
  }
  template <class T>
  std::span<T> mutable_data() {
    return {reinterpret_cast<T*>(mutable_raw().data()), static_cast<std::size_t>(size())};
  }

  const std::vector<std::string>& string_values() const;

  /// Hands the data to `sink` piece by piece, in row-major order; needs data other than strings.
  void for_each_piece(const PieceSink& sink) const;

  /// The same data with other dims of equal element count; shares the storage, of whatever kind.
  Tensor reshaped(std::vector<std::int64_t> dims) const;

  /// This tensor if it is contiguous or holds strings, else a contiguous copy.
  Tensor materialised() const;

 private:
  struct Storage;

  DType dtype_ = DType::Undefined;
  std::vector<std::int64_t> dims_;
  std::shared_ptr<Storage> storage_;
};

/// True if type, dims and all bytes (or strings) are equal; weightless tensors equal each other.
bool same_content(const Tensor& a, const Tensor& b);

/// The values of an Int32 or Int64 tensor.
std::vector<std::int64_t> to_int64s(const Tensor& tensor);

/// "float[8,768]"
std::string describe(const Tensor& tensor);

}  // namespace braid
