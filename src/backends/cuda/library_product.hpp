#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/activation.hpp"
#include "kernels/cuda/element.hpp"

namespace braid {

/// Matrices of one size that lie at equal distances. Elements of a row are adjacent, or those of a
/// column where it is transposed.
struct MatrixBatch {
  std::int64_t pitch = 0;   ///< elements from one row (column) to the next
  std::int64_t stride = 0;  ///< elements from one matrix to the next; 0: all are one
  bool is_transposed = false;
};

/// A batch of products as libraries of a device's vendor take them:
/// y[i] = activation(scale * a[i] x b[i] + bias[i] + addend[i]).
struct ProductLayout {
  int count = 1;
  int rows = 1;
  int columns = 1;
  int depth = 1;
  MatrixBatch a;
  MatrixBatch b;
  MatrixBatch y;       ///< not transposed, as the addend is not
  MatrixBatch addend;  ///< with y's type
  bool has_addend = false;
  bool has_bias = false;         ///< one number for each column
  std::int64_t bias_stride = 0;  ///< from the bias of one matrix to that of the next
  cuda::Activation activation = cuda::Activation::None;  ///< or Relu
  float scale = 1.0F;
  cuda::Element element = cuda::Element::Float;  ///< of a and b, and of y if not yields_floats
  bool rounds_floats = false;                    ///< floats may be rounded to tf32
  bool yields_floats = false;
};

/// Where the operands of a product are, in the device's memory and aligned to
/// kLibraryAlignment; null for those that it does not have.
struct ProductAddresses {
  const void* a = nullptr;
  const void* b = nullptr;
  const void* bias = nullptr;
  const void* addend = nullptr;
  void* y = nullptr;
  std::byte* workspace = nullptr;
};

inline constexpr std::size_t kLibraryAlignment = 16;

/// How a library computes one product. Immutable.
class LibraryProduct {
 public:
  LibraryProduct() = default;
  LibraryProduct(const LibraryProduct&) = delete;
  LibraryProduct& operator=(const LibraryProduct&) = delete;
  virtual ~LibraryProduct() = default;

  /// For people: "cublasLt 1".
  virtual const char* name() const = 0;
  virtual std::size_t workspace_bytes() const = 0;
};

}  // namespace braid
