#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/cpu/clones.hpp"

/// Functions of one float that compilers vectorise, since they have no branches and call nothing.
/// Errors are a few units in the last place, but where said; infinities and NaN are right. The
/// polynomials are minimax fits over the ranges named.
namespace braid::cpu {

/// Horner's rule, lowest coefficient first.
template <class... Rest>
BRAID_INLINE float polynomial(float x, float first, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return first;
  } else {
    return first + x * polynomial(x, rest...);
  }
}

/// x = n ln 2 + r, |r| <= ln 2 / 2.
struct Reduced {
  std::uint32_t n;  ///< in the low bits
  float r;
};

BRAID_INLINE Reduced reduce_by_ln2(float x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: what is added to it becomes an integer
  const float shifted = x * 1.44269504F + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  return {std::bit_cast<std::uint32_t>(shifted), r};
}

/// e^r - 1 for |r| <= ln 2 / 2.
BRAID_INLINE float expm1_near_zero(float r) {
  return r + r * r *
                 polynomial(r, 0.5000000095F, 0.1666651862F, 0.04166620613F, 0.0083689139F,
                            0.0013950464F);
}

/// 2^(n - 1) for -126 < n <= 128; 0 for n = -126.
BRAID_INLINE float half_power_of_two(std::uint32_t n) {
  return std::bit_cast<float>((n << 23) + (126U << 23));
}

/// Where e^x becomes 0: results below 2^-125 are flushed.
inline constexpr float kLeastExponent = -87.0F;

/// e^x for x <= 89.
BRAID_INLINE float exp_of_bounded(float x) {
  const auto [n, r] = reduce_by_ln2(x < kLeastExponent ? kLeastExponent : x);
  return (2.0F + 2.0F * expm1_near_zero(r)) * half_power_of_two(n);
}

BRAID_INLINE float exp_of(float x) {
  return exp_of_bounded(x > 89.0F ? 89.0F : x);  // which gives infinity
}

/// e^x - 1 for x <= 0.
BRAID_INLINE float expm1_of_negative(float x) {
  const auto [n, r] = reduce_by_ln2(x < -80.0F ? -80.0F : x);
  const float half = half_power_of_two(n);
  return 2.0F * (expm1_near_zero(r) * half + (half - 0.5F));
}

BRAID_INLINE float clamp(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

/// The value of a function that runs from -1 to 1, which it is from -limit and limit on.
BRAID_INLINE float saturated(float value, float x, float limit) {
  value = x >= limit ? 1.0F : value;
  return x <= -limit ? -1.0F : value;
}

BRAID_INLINE float tanh_of(float argument) {
  constexpr float kLimit = 9.01F;
  const float x = clamp(argument, -kLimit, kLimit);
  const float s = x * x;
  const float over = polynomial(s, 0.9999999987F, 0.1368021831F, 0.003868709552F, 2.801527638e-5F,
                                3.060428533e-8F, -1.221817629e-11F);
  const float under =
      polynomial(s, 1.0F, 0.4701355037F, 0.0272472314F, 0.0003939308299F, 1.287918961e-6F);
  return saturated(x * over / under, x, kLimit);
}

BRAID_INLINE float erf_of(float argument) {
  constexpr float kLimit = 3.94F;
  const float x = clamp(argument, -kLimit, kLimit);
  const float s = x * x;
  const float over = polynomial(s, 1.128379143F, 0.1915352355F, 0.05287375271F, 0.003807596643F,
                                0.0002846893296F, 2.026211843e-6F);
  const float under = polynomial(s, 1.0F, 0.5030763582F, 0.1145536663F, 0.01505394707F,
                                 0.001170615448F, 3.783503185e-5F);
  return saturated(x * over / under, x, kLimit);
}

BRAID_INLINE float log_of(float x) {
  constexpr float kInfinity = __builtin_inff();
  const bool is_tiny = x < 1.17549435e-38F;  // denormal numbers have no exponent
  const float scaled = is_tiny ? x * 8388608.0F : x;
  // The mantissa from sqrt(1/2) to sqrt(2).
  const auto bits = std::bit_cast<std::uint32_t>(scaled) - 0x3F3504F3U;
  const auto exponent = static_cast<std::int32_t>(bits) >> 23;
  const float f = std::bit_cast<float>((bits & 0x007FFFFFU) + 0x3F3504F3U) - 1.0F;
  const float n = static_cast<float>(exponent) - (is_tiny ? 23.0F : 0.0F);
  const float cubic =
      polynomial(f, 0.3333331238F, -0.250000086F, 0.2000212998F, -0.1666804829F, 0.1421940183F,
                 -0.1240471213F, 0.1188830039F, -0.1168034675F, 0.06751789682F);
  const float s = f * f;
  const float small = n * -2.12194440e-4F + (s * f * cubic - 0.5F * s);
  float result = n * 0.693359375F + (f + small);
  result = x == 0.0F ? -kInfinity : result;
  result = x < 0.0F ? __builtin_nanf("") : result;
  return x < kInfinity ? result : x;  // infinity and NaN are their own
}

/// log(1 + y) for 0 <= y <= 1.
BRAID_INLINE float log1p_of_fraction(float y) {
  return y * polynomial(y, 0.9999999993F, -0.499999814F, 0.3333255858F, -0.2498725756F,
                        0.1989066152F, -0.1610537069F, 0.1241770878F, -0.08243154566F,
                        0.04146956871F, -0.01340346285F, 0.002029429222F);
}

BRAID_INLINE float sigmoid_of(float x) {
  return 1.0F / (1.0F + exp_of(-x));
}

/// log(1 + e^x).
BRAID_INLINE float softplus_of(float x) {
  const float larger = x < 0.0F ? 0.0F : x;
  return larger + log1p_of_fraction(exp_of(-std::fabs(x)));
}

/// The beyond which sine_of() has no exact multiple of pi / 2 to subtract.
inline constexpr float kLargestAngle = 8192.0F;

/// sin(x + quarters * pi / 2) for |x| <= kLargestAngle; NaN for NaN.
BRAID_INLINE float sine_of(float x, std::uint32_t quarters) {
  constexpr float kRound = 12582912.0F;
  const float shifted = x * 0.636619772F + kRound;
  const float n = shifted - kRound;
  // pi / 2 in three parts, of which the first two times n are exact.
  const float r = ((x - n * 1.5703125F) - n * 4.837512969970703125e-4F) - n * 7.549789948768648e-8F;
  const auto quadrant = std::bit_cast<std::uint32_t>(shifted) + quarters;
  const float s = r * r;
  const float sine =
      r +
      r * s * polynomial(s, -0.1666666664F, 0.008333329324F, -0.0001983931479F, 2.718119194e-6F);
  const float cosine =
      1.0F - 0.5F * s + s * s * polynomial(s, 0.04166664655F, -0.001388735147F, 2.443655631e-5F);
  const float value = (quadrant & 1U) != 0 ? cosine : sine;
  return (quadrant & 2U) != 0 ? -value : value;
}

}  // namespace braid::cpu
