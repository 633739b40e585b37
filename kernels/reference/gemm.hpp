#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "braid/types.hpp"

namespace braid::reference {

/// The factors and the result of gemm() are seen row by row, as doubles: how a matrix lies in
/// memory, and whether it does at all (im2col), is its own business.
class MatrixSource {
 public:
  virtual ~MatrixSource() = default;

  /// Elements [first, first + count) of a row of the `batch`-th matrix.
  virtual void read(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
                    double* to) const = 0;
};

class MatrixSink {
 public:
  virtual ~MatrixSink() = default;

  /// Receives each element exactly once. Called on several threads.
  virtual void write(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
                     const double* from) const = 0;
};

/// Matrices with strides, of any floating-point type, in one buffer.
class StridedSource : public MatrixSource {
 public:
  DType dtype = DType::Undefined;
  const std::byte* data = nullptr;
  std::vector<std::int64_t> offsets;  ///< of each matrix of the batch; in elements
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;

  void read(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
            double* to) const override;
};

struct GemmSize {
  std::int64_t batch = 1;
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

/// c[b] = a[b] * b[b] with a[b] of m x k and b[b] of k x n, for each b of the batch.
///
/// Each element is the sum of its products in ascending order of k, in double precision, from 0:
/// exactly the naive loop, so it depends neither on the threads nor on m, n, the batch or the
/// element's place.
void gemm(const GemmSize& size, const MatrixSource& a, const MatrixSource& b, const MatrixSink& c);

}  // namespace braid::reference
