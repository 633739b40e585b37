#pragma once

#include <bit>
#include <cstdint>

/// CUDA's 16-bit floats on the host: storage and conversions, rounded to nearest even, under the
/// names that CUDA's headers have.
struct __half {
  std::uint16_t bits;
};

struct __nv_bfloat16 {
  std::uint16_t bits;
};

inline float __bfloat162float(__nv_bfloat16 value) {
  return std::bit_cast<float>(std::uint32_t{value.bits} << 16);
}

inline __nv_bfloat16 __float2bfloat16_rn(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return {0x7FFF};
  return {static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

inline float __half2float(__half value) {
  const std::uint32_t sign = std::uint32_t{value.bits} >> 15 << 31;
  const std::uint32_t exponent = value.bits >> 10 & 0x1F;
  const std::uint32_t mantissa = value.bits & 0x3FF;
  if (exponent == 0) {  // zero and what is below the smallest normal number
    const float size = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -size : size;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFF : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

inline __half __float2half_rn(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t size = bits & 0x7FFFFFFF;
  const auto with_sign = [sign](std::uint32_t rest) {
    return __half{static_cast<std::uint16_t>(sign | rest)};
  };
  if (size > 0x7F800000) return {0x7FFF};
  if (size >= 0x477FF000) return with_sign(0x7C00);  // rounds to more than the largest
  if (size < 0x38800000) {                           // adding 0.5 shifts the bits into place
    const float shifted = std::bit_cast<float>(size) + 0.5F;
    return with_sign(std::bit_cast<std::uint32_t>(shifted) - 0x3F000000);
  }
  return with_sign((size - 0x38000000 + 0xFFF + (size >> 13 & 1)) >> 13);
}
