#include "kernels/reference/gemm.hpp"

#include <algorithm>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/parallel.hpp"

// One clone of the innermost loop per level of x86, chosen when the program is loaded. Not under
// sanitizers: the choice runs before their runtime is set up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BRAID_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define BRAID_CLONES
#endif

namespace braid::reference {
namespace {

// The tile that the innermost loop holds in registers: 6 x 16 doubles are 12 AVX-512 registers.
constexpr std::int64_t kTileRows = 6;
constexpr std::int64_t kTileColumns = 16;
// A thread's block: its two packed factors and its sums take about 740 KB, an L2 cache's worth.
constexpr std::int64_t kBlockRows = 16 * kTileRows;
constexpr std::int64_t kBlockColumns = 12 * kTileColumns;
constexpr std::int64_t kBlockDepth = 256;

using Lanes = double __attribute__((vector_size(8 * sizeof(double))));
constexpr std::int64_t kLanes = 8;
constexpr std::int64_t kVectors = kTileColumns / kLanes;

/// sums += a * b, with a packed as [depth][kTileRows] and b as [depth][kTileColumns].
BRAID_CLONES void multiply_tile(std::int64_t depth, const double* a, const double* b,
                                double* sums) {
  Lanes total[kTileRows][kVectors];
  for (std::int64_t i = 0; i < kTileRows; ++i) {
    for (std::int64_t v = 0; v < kVectors; ++v) {
      __builtin_memcpy(&total[i][v], sums + i * kTileColumns + v * kLanes, sizeof(Lanes));
    }
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    Lanes row[kVectors];
    __builtin_memcpy(&row, b + k * kTileColumns, sizeof(row));
    for (std::int64_t i = 0; i < kTileRows; ++i) {
      const double factor = a[k * kTileRows + i];
      for (std::int64_t v = 0; v < kVectors; ++v)
        total[i][v] += factor * row[v];
    }
  }
  for (std::int64_t i = 0; i < kTileRows; ++i) {
    for (std::int64_t v = 0; v < kVectors; ++v) {
      __builtin_memcpy(sums + i * kTileColumns + v * kLanes, &total[i][v], sizeof(Lanes));
    }
  }
}

/// What one thread works on: rows [m, m + rows) and columns [n, n + columns) of one product.
class Block {
 public:
  Block()
      : a_(kBlockRows * kBlockDepth),
        b_(kBlockDepth * kBlockColumns),
        sums_(kBlockRows * kBlockColumns),
        line_(std::max(kBlockDepth, kBlockColumns)) {}

  void run(const GemmSize& size, const MatrixSource& a, const MatrixSource& b, const MatrixSink& c,
           std::int64_t batch, std::int64_t m, std::int64_t n) {
    rows_ = std::min(kBlockRows, size.m - m);
    columns_ = std::min(kBlockColumns, size.n - n);
    row_tiles_ = (rows_ + kTileRows - 1) / kTileRows;
    column_tiles_ = (columns_ + kTileColumns - 1) / kTileColumns;
    std::fill_n(sums_.begin(), row_tiles_ * column_tiles_ * kTileRows * kTileColumns, 0.0);
    for (std::int64_t k = 0; k < size.k; k += kBlockDepth) {
      const std::int64_t depth = std::min(kBlockDepth, size.k - k);
      pack_a(a, batch, m, k, depth);
      pack_b(b, batch, n, k, depth);
      multiply(depth);
    }
    for (std::int64_t i = 0; i < rows_; ++i) {
      for (std::int64_t j = 0; j < column_tiles_; ++j) {
        const double* from = tile(i / kTileRows, j) + i % kTileRows * kTileColumns;
        std::copy_n(from, kTileColumns, line_.data() + j * kTileColumns);
      }
      c.write(batch, m + i, n, columns_, line_.data());
    }
  }

 private:
  double* tile(std::int64_t i, std::int64_t j) {
    return sums_.data() + (i * column_tiles_ + j) * kTileRows * kTileColumns;
  }

  /// Rows and columns beyond the edge keep what they held: their sums are never read.
  void pack_a(const MatrixSource& a, std::int64_t batch, std::int64_t m, std::int64_t k,
              std::int64_t depth) {
    for (std::int64_t i = 0; i < rows_; ++i) {
      a.read(batch, m + i, k, depth, line_.data());
      double* panel = a_.data() + i / kTileRows * kTileRows * depth + i % kTileRows;
      for (std::int64_t x = 0; x < depth; ++x) {
        panel[x * kTileRows] = line_[static_cast<std::size_t>(x)];
      }
    }
  }

  void pack_b(const MatrixSource& b, std::int64_t batch, std::int64_t n, std::int64_t k,
              std::int64_t depth) {
    for (std::int64_t x = 0; x < depth; ++x) {
      b.read(batch, k + x, n, columns_, line_.data());
      for (std::int64_t j = 0; j < column_tiles_; ++j) {
        double* to = b_.data() + (j * depth + x) * kTileColumns;
        std::copy_n(line_.data() + j * kTileColumns, kTileColumns, to);
      }
    }
  }

  void multiply(std::int64_t depth) {
    for (std::int64_t j = 0; j < column_tiles_; ++j) {
      for (std::int64_t i = 0; i < row_tiles_; ++i) {
        multiply_tile(depth, a_.data() + i * kTileRows * depth,
                      b_.data() + j * kTileColumns * depth, tile(i, j));
      }
    }
  }

  std::vector<double> a_, b_, sums_, line_;
  std::int64_t rows_ = 0, columns_ = 0, row_tiles_ = 0, column_tiles_ = 0;
};

}  // namespace

void StridedSource::read(std::int64_t batch, std::int64_t row, std::int64_t first,
                         std::int64_t count, double* to) const {
  const std::int64_t start = offsets[static_cast<std::size_t>(batch)];
  load(dtype, data, start + row * row_stride + first * column_stride, column_stride, count, to);
}

void gemm(const GemmSize& size, const MatrixSource& a, const MatrixSource& b, const MatrixSink& c) {
  const std::int64_t across = (size.n + kBlockColumns - 1) / kBlockColumns;
  const std::int64_t down = (size.m + kBlockRows - 1) / kBlockRows;
  const std::int64_t blocks = size.batch * down * across;
  const bool worthwhile = blocks > 1 && static_cast<double>(size.m * size.n * size.batch) *
                                                static_cast<double>(size.k) >
                                            static_cast<double>(kParallelWork);
#pragma omp parallel if (worthwhile)
  {
    Block block;
#pragma omp for schedule(dynamic)
    for (std::int64_t i = 0; i < blocks; ++i) {
      block.run(size, a, b, c, i / (down * across), i / across % down * kBlockRows,
                i % across * kBlockColumns);
    }
  }
}

}  // namespace braid::reference
