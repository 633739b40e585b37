#include "kernels/cpu/normalise.hpp"

#include <cmath>

#include "kernels/cpu/parallel.hpp"
#include "kernels/cpu/row_math.hpp"

namespace braid::cpu {
namespace {

BRAID_INLINE Moments row_moments(const NormaliseRows& size, const float* x) {
  if (size.is_centred) return moments_of(x, size.length, size.epsilon);
  const float squares = reduce_row<squared_distance, float_sum>(x, size.length, 0.0F, 0.0F);
  return {0.0F, 1.0F / std::sqrt(squares / static_cast<float>(size.length) + size.epsilon)};
}

BRAID_INLINE void normalise_row(const NormaliseRows& size, const float* x, const float* scale,
                                const float* bias, float* y) {
  const Moments moments = row_moments(size, x);
  const float mean = moments.mean;
  const float factor = moments.factor;
  if (bias == nullptr) {
#pragma omp simd
    for (std::int64_t i = 0; i < size.length; ++i)
      y[i] = (x[i] - mean) * factor * scale[i];
    return;
  }
#pragma omp simd
  for (std::int64_t i = 0; i < size.length; ++i)
    y[i] = (x[i] - mean) * factor * scale[i] + bias[i];
}

BRAID_CLONES void normalise_some(const NormaliseRows& size, std::int64_t first, std::int64_t last,
                                 const float* x, const float* scale, const float* bias, float* y) {
  for (std::int64_t at = first * size.length; at < last * size.length; at += size.length)
    normalise_row(size, x + at, scale, bias, y + at);
}

BRAID_INLINE void add_row(std::int64_t length, const float* x, const float* residual,
                          const float* addend, float* sum) {
  if (addend == nullptr) {
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i)
      sum[i] = x[i] + residual[i];
    return;
  }
#pragma omp simd
  for (std::int64_t i = 0; i < length; ++i)
    sum[i] = x[i] + addend[i] + residual[i];
}

BRAID_CLONES void normalise_some_sums(const NormaliseRows& size, std::int64_t first,
                                      std::int64_t last, const float* x, const float* residual,
                                      const float* addend, const float* scale, const float* bias,
                                      float* sum, float* y) {
  for (std::int64_t at = first * size.length; at < last * size.length; at += size.length) {
    float* const row = (sum != nullptr ? sum : y) + at;
    add_row(size.length, x + at, residual + at, addend, row);
    normalise_row(size, row, scale, bias, y + at);
  }
}

BRAID_INLINE void scale_plane(std::int64_t count, const float* x, float factor, float shift,
                              float* y) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    y[i] = x[i] * factor + shift;
}

BRAID_CLONES void scale_planes(const Channels& size, std::int64_t first, std::int64_t last,
                               const float* x, const float* factor, const float* shift, float* y) {
  for (std::int64_t i = first; i < last; ++i) {
    const std::int64_t at = i * size.plane;
    const std::int64_t channel = i % size.channels;
    scale_plane(size.plane, x + at, factor[channel], shift[channel], y + at);
  }
}

// Planes of one element: channels lie side by side.
BRAID_CLONES void scale_images(const Channels& size, std::int64_t first, std::int64_t last,
                               const float* x, const float* factor, const float* shift, float* y) {
  for (std::int64_t image = first; image < last; ++image) {
    const std::int64_t at = image * size.channels;
#pragma omp simd
    for (std::int64_t c = 0; c < size.channels; ++c)
      y[at + c] = x[at + c] * factor[c] + shift[c];
  }
}

BRAID_CLONES void normalise_some_groups(const Channels& size, std::int64_t groups,
                                        std::int64_t shared, float epsilon, std::int64_t first,
                                        std::int64_t last, const float* x, const float* scale,
                                        const float* bias, float* y) {
  const std::int64_t channels = size.channels / groups;  // of a group
  for (std::int64_t i = first; i < last; ++i) {
    const std::int64_t at = i * channels * size.plane;
    const auto [mean, root] = moments_of(x + at, channels * size.plane, epsilon);
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t parameter = (i % groups * channels + c) / shared;
      const float factor = root * scale[parameter];
      const std::int64_t plane = at + c * size.plane;
      scale_plane(size.plane, x + plane, factor, bias[parameter] - mean * factor, y + plane);
    }
  }
}

}  // namespace

void normalise_rows(const NormaliseRows& size, const float* x, const float* scale,
                    const float* bias, float* y) {
  parallel_ranges(size.rows, 4 * size.length, [&](std::int64_t first, std::int64_t last) {
    normalise_some(size, first, last, x, scale, bias, y);
  });
}

void normalise_sums(const NormaliseRows& size, const float* x, const float* residual,
                    const float* addend, const float* scale, const float* bias, float* sum,
                    float* y) {
  parallel_ranges(size.rows, 6 * size.length, [&](std::int64_t first, std::int64_t last) {
    normalise_some_sums(size, first, last, x, residual, addend, scale, bias, sum, y);
  });
}

void scale_channels(const Channels& size, const float* x, const float* factor, const float* shift,
                    float* y) {
  const bool is_flat = size.plane == 1;
  const std::int64_t count = is_flat ? size.images : size.images * size.channels;
  const std::int64_t work = is_flat ? size.channels : size.plane;
  parallel_ranges(count, work, [&](std::int64_t first, std::int64_t last) {
    (is_flat ? scale_images : scale_planes)(size, first, last, x, factor, shift, y);
  });
}

void fold_statistics(std::int64_t channels, float epsilon, const float* scale, const float* bias,
                     const float* mean, const float* variance, float* factor, float* shift) {
  for (std::int64_t c = 0; c < channels; ++c) {
    factor[c] = scale[c] / std::sqrt(variance[c] + epsilon);
    shift[c] = bias[c] - mean[c] * factor[c];
  }
}

void normalise_groups(const Channels& size, std::int64_t groups, std::int64_t shared, float epsilon,
                      const float* x, const float* scale, const float* bias, float* y) {
  const std::int64_t work = 4 * size.channels / groups * size.plane;
  parallel_ranges(size.images * groups, work, [&](std::int64_t first, std::int64_t last) {
    normalise_some_groups(size, groups, shared, epsilon, first, last, x, scale, bias, y);
  });
}

}  // namespace braid::cpu
