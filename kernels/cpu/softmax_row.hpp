#pragma once

#include <cstdint>
#include <limits>

#include "kernels/cpu/row_math.hpp"
#include "kernels/cpu/vector_math.hpp"

/// What softmaxes of rows are made of, for functions with BRAID_CLONES.
namespace braid::cpu {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Without NaN: those come back with the exponentials.
BRAID_INLINE float greater_of(float a, float b) {
  return a > b ? a : b;
}

/// For x <= top.
BRAID_INLINE float exp_below(float x, float top) {
  return exp_of_bounded(x - top);
}

BRAID_INLINE float top_of(const float* x, std::int64_t length) {
  return reduce_row<itself<float>, greater_of>(x, length, 0.0F, -kInfinity);
}

/// y = e^(x - the greatest x); returns the sum. x and y may be the same. The sum is NaN if a row
/// holds NaN or +infinity, or nothing but -infinity.
BRAID_INLINE float exponentials_of_row(const float* x, std::int64_t length, float* y) {
  const float top = top_of(x, length);
#pragma omp simd
  for (std::int64_t i = 0; i < length; ++i)
    y[i] = exp_below(x[i], top);
  return reduce_row<itself<float>, float_sum>(y, length, 0.0F, 0.0F);
}

}  // namespace braid::cpu
