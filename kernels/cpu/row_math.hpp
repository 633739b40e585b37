#pragma once

#include <cstdint>

#include "kernels/cpu/clones.hpp"

/// Reductions of contiguous elements, for functions with BRAID_CLONES. The order of the terms
/// depends on their count alone.
namespace braid::cpu {

/// Partial results that are kept apart, so that the processor need not wait for the last one.
inline constexpr std::int64_t kLanes = 32;

/// Elements after which sums start anew, so that long ones stay accurate.
inline constexpr std::int64_t kBlock = 4096;

template <std::int64_t Count, auto Join, class T>
BRAID_INLINE T join_lanes(T* lanes) {
  if constexpr (Count == 1) {
    return lanes[0];
  } else {
    constexpr std::int64_t kHalf = Count / 2;
#pragma omp simd
    for (std::int64_t j = 0; j < kHalf; ++j)
      lanes[j] = Join(lanes[j], lanes[j + kHalf]);
    return join_lanes<kHalf, Join>(lanes);
  }
}

/// Term(x[0], c) joined with Term(x[1], c) and so on, from `first` on.
template <auto Term, auto Join, class T>
BRAID_INLINE T reduce_block(const T* x, std::int64_t count, T c, T first) {
  T lanes[kLanes];
  for (std::int64_t j = 0; j < kLanes; ++j)
    lanes[j] = first;
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
#pragma omp simd
    for (std::int64_t j = 0; j < kLanes; ++j)
      lanes[j] = Join(lanes[j], Term(x[i + j], c));
  }
#pragma omp simd
  for (std::int64_t j = 0; j < count - i; ++j)
    lanes[j] = Join(lanes[j], Term(x[i + j], c));
  return join_lanes<kLanes, Join>(lanes);
}

template <auto Term, auto Join, class T>
BRAID_INLINE T reduce_row(const T* x, std::int64_t count, T c, T first) {
  T result = first;
  for (std::int64_t i = 0; i < count; i += kBlock) {
    const std::int64_t size = count - i < kBlock ? count - i : kBlock;
    result = Join(result, reduce_block<Term, Join>(x + i, size, c, first));
  }
  return result;
}

template <class T>
BRAID_INLINE T itself(T x, T /*c*/) {
  return x;
}

BRAID_INLINE float squared_distance(float x, float c) {
  return (x - c) * (x - c);
}

BRAID_INLINE float float_sum(float a, float b) {
  return a + b;
}

/// Mean and 1 / standard deviation of a row.
struct Moments {
  float mean;
  float factor;
};

BRAID_INLINE Moments moments_of(const float* x, std::int64_t count, float epsilon) {
  const auto size = static_cast<float>(count);
  const float mean = reduce_row<itself<float>, float_sum>(x, count, 0.0F, 0.0F) / size;
  const float squares = reduce_row<squared_distance, float_sum>(x, count, mean, 0.0F);
  return {mean, 1.0F / __builtin_sqrtf(squares / size + epsilon)};
}

}  // namespace braid::cpu
