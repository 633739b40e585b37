#include "kernels/cpu/attention.hpp"

#include <cmath>

#include "kernels/cpu/softmax_row.hpp"

namespace braid::cpu {
namespace {

BRAID_INLINE void add_to_row(const ScoreAddend& addend, std::int64_t row, std::int64_t length,
                             float* scores) {
  const float* const from = addend.data + row * addend.row_stride;
  const float factor = addend.factor;
  if (addend.column_stride == 0) {
    const float value = factor * from[0];
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i)
      scores[i] += value;
    return;
  }
#pragma omp simd
  for (std::int64_t i = 0; i < length; ++i)
    scores[i] += factor * from[i];
}

BRAID_CLONES void weigh_rows(std::int64_t rows, std::int64_t length, const ScoreAddend* addends,
                             std::int64_t addend_count, bool is_guarded, float* scores) {
  for (std::int64_t row = 0; row < rows; ++row, scores += length) {
    for (std::int64_t a = 0; a < addend_count; ++a)
      add_to_row(addends[a], row, length, scores);
    const float total = exponentials_of_row(scores, length, scores);
    const bool is_zero = is_guarded && std::isnan(total);
    const float factor = 1.0F / total;
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i)
      scores[i] = is_zero ? 0.0F : scores[i] * factor;
  }
}

}  // namespace

void attention_weights(std::int64_t rows, std::int64_t length, std::span<const ScoreAddend> addends,
                       bool is_guarded, float* scores) {
  weigh_rows(rows, length, addends.data(), static_cast<std::int64_t>(addends.size()), is_guarded,
             scores);
}

}  // namespace braid::cpu
