#pragma once

#include <cstdint>

namespace braid::cpu {

/// Rows that are normalised one by one, then scaled and shifted element by element.
struct NormaliseRows {
  std::int64_t rows = 1;
  std::int64_t length = 1;
  float epsilon = 0.0F;
  bool is_centred = true;  ///< false: divided by the root of the mean square, not centred
};

/// `bias` may be null.
void normalise_rows(const NormaliseRows& size, const float* x, const float* scale,
                    const float* bias, float* y);

/// The same for x + residual + addend, which also goes to `sum`; a row of `addend` serves for all.
/// `addend`, `bias` and `sum` may be null.
void normalise_sums(const NormaliseRows& size, const float* x, const float* residual,
                    const float* addend, const float* scale, const float* bias, float* sum,
                    float* y);

/// [images, channels, plane], where consecutive channels make a group.
struct Channels {
  std::int64_t images = 1;
  std::int64_t channels = 1;
  std::int64_t plane = 1;
};

/// x * factor + shift, with one factor and one shift per channel.
void scale_channels(const Channels& size, const float* x, const float* factor, const float* shift,
                    float* y);

/// The factors and shifts that (x - mean) / sqrt(variance + epsilon) * scale + bias comes to.
void fold_statistics(std::int64_t channels, float epsilon, const float* scale, const float* bias,
                     const float* mean, const float* variance, float* factor, float* shift);

/// Each group of channels normalised, then scaled and shifted. There is one scale and bias for
/// `shared` consecutive channels.
void normalise_groups(const Channels& size, std::int64_t groups, std::int64_t shared, float epsilon,
                      const float* x, const float* scale, const float* bias, float* y);

}  // namespace braid::cpu
