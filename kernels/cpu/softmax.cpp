#include "kernels/cpu/softmax.hpp"

#include <algorithm>

#include "kernels/cpu/parallel.hpp"
#include "kernels/cpu/softmax_row.hpp"

namespace braid::cpu {
namespace {

// Columns that are worked on at once, if rows lie apart.
constexpr std::int64_t kColumns = 512;

// What a row costs, in elementary steps per element.
constexpr std::int64_t kWork = 8;

BRAID_CLONES void softmax_rows(std::int64_t rows, std::int64_t length, const float* x, float* y) {
  for (std::int64_t row = 0; row < rows; ++row, x += length, y += length) {
    const float factor = 1.0F / exponentials_of_row(x, length, y);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i)
      y[i] *= factor;
  }
}

BRAID_CLONES void log_softmax_rows(std::int64_t rows, std::int64_t length, const float* x,
                                   float* y) {
  for (std::int64_t row = 0; row < rows; ++row, x += length, y += length) {
    const float top = top_of(x, length);
    const float total = log_of(reduce_row<exp_below, float_sum>(x, length, top, 0.0F));
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i)
      y[i] = x[i] - top - total;
  }
}

// The maximum and the sum of exponentials of each of some neighbouring columns.
BRAID_INLINE void total_columns(const SoftmaxSize& size, std::int64_t columns, const float* x,
                                float* tops, float* totals) {
  for (std::int64_t j = 0; j < columns; ++j) {
    tops[j] = -kInfinity;
    totals[j] = 0.0F;
  }
  for (std::int64_t i = 0; i < size.length; ++i) {
    const float* row = x + i * size.inner;
#pragma omp simd
    for (std::int64_t j = 0; j < columns; ++j)
      tops[j] = greater_of(row[j], tops[j]);
  }
  for (std::int64_t i = 0; i < size.length; ++i) {
    const float* row = x + i * size.inner;
#pragma omp simd
    for (std::int64_t j = 0; j < columns; ++j)
      totals[j] += exp_below(row[j], tops[j]);
  }
}

BRAID_CLONES void softmax_columns(const SoftmaxSize& size, std::int64_t columns, const float* x,
                                  float* y) {
  float tops[kColumns];
  float totals[kColumns];
  total_columns(size, columns, x, tops, totals);
#pragma omp simd
  for (std::int64_t j = 0; j < columns; ++j)
    totals[j] = 1.0F / totals[j];
  for (std::int64_t i = 0; i < size.length; ++i) {
    const float* from = x + i * size.inner;
    float* to = y + i * size.inner;
#pragma omp simd
    for (std::int64_t j = 0; j < columns; ++j)
      to[j] = exp_below(from[j], tops[j]) * totals[j];
  }
}

BRAID_CLONES void log_softmax_columns(const SoftmaxSize& size, std::int64_t columns, const float* x,
                                      float* y) {
  float tops[kColumns];
  float totals[kColumns];
  total_columns(size, columns, x, tops, totals);
#pragma omp simd
  for (std::int64_t j = 0; j < columns; ++j)
    totals[j] = log_of(totals[j]);
  for (std::int64_t i = 0; i < size.length; ++i) {
    const float* from = x + i * size.inner;
    float* to = y + i * size.inner;
#pragma omp simd
    for (std::int64_t j = 0; j < columns; ++j)
      to[j] = from[j] - tops[j] - totals[j];
  }
}

template <class Rows, class Columns>
void run(const SoftmaxSize& size, const float* x, float* y, const Rows& rows,
         const Columns& columns) {
  if (size.length == 0) return;
  if (size.inner == 1) {
    parallel_ranges(size.outer, kWork * size.length, [&](std::int64_t first, std::int64_t last) {
      rows(last - first, size.length, x + first * size.length, y + first * size.length);
    });
    return;
  }
  const std::int64_t pieces = (size.inner + kColumns - 1) / kColumns;
  const std::int64_t work = kWork * size.length * std::min(size.inner, kColumns);
  parallel_ranges(size.outer * pieces, work, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t piece = first; piece < last; ++piece) {
      const std::int64_t column = piece % pieces * kColumns;
      const std::int64_t at = piece / pieces * size.length * size.inner + column;
      columns(size, std::min(kColumns, size.inner - column), x + at, y + at);
    }
  });
}

}  // namespace

void softmax(const SoftmaxSize& size, const float* x, float* y) {
  run(size, x, y, softmax_rows, softmax_columns);
}

void log_softmax(const SoftmaxSize& size, const float* x, float* y) {
  run(size, x, y, log_softmax_rows, log_softmax_columns);
}

}  // namespace braid::cpu
