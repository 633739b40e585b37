#pragma once

#include <bit>
#include <cstdint>

#include "braid/types.hpp"
#include "kernels/cpu/clones.hpp"

/// float16 and bfloat16, of which kernels compute in float. Exact on the way there; rounded to the
/// nearest, ties to even, on the way back.
namespace braid::cpu {

struct Half {
  std::uint16_t bits;
};

struct BFloat {
  std::uint16_t bits;
};

BRAID_INLINE float widen_one(BFloat x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16);
}

BRAID_INLINE float widen_one(Half x) {
  const auto bits = static_cast<std::uint32_t>(x.bits);
  const std::uint32_t magnitude = (bits & 0x7FFFU) << 13;
  // Other exponents count from 15, those of float from 127. Denormal numbers come out right too.
  const float scaled = std::bit_cast<float>(magnitude) * 0x1p112F;
  const std::uint32_t special = magnitude >= 0x0F800000U ? 0x7F800000U : 0U;  // infinity and NaN
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special |
                              (bits & 0x8000U) << 16);
}

BRAID_INLINE void narrow_one(float x, BFloat& to) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16;
  const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
  to.bits = static_cast<std::uint16_t>(is_nan ? bits >> 16 | 0x40U : rounded);
}

BRAID_INLINE void narrow_one(float x, Half& to) {
  constexpr std::uint32_t kDenormal = 126U << 23;  // 0.5, whose last bit is the least half
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  const float sum = std::bit_cast<float>(magnitude) + std::bit_cast<float>(kDenormal);
  const std::uint32_t small = std::bit_cast<std::uint32_t>(sum) - kDenormal;
  const std::uint32_t usual = (magnitude - (112U << 23) + 0xFFFU + (magnitude >> 13 & 1U)) >> 13;
  std::uint32_t result = magnitude < (113U << 23) ? small : usual;
  result = magnitude >= (143U << 23) ? 0x7C00U : result;  // 65536 and more
  result = magnitude > 0x7F800000U ? 0x7E00U : result;
  to.bits = static_cast<std::uint16_t>(result | (bits & 0x80000000U) >> 16);
}

/// `from` is float16 or bfloat16.
void widen(DType from, std::int64_t count, const std::byte* x, float* y);

/// `to` is float16 or bfloat16.
void narrow(DType to, std::int64_t count, const float* x, std::byte* y);

}  // namespace braid::cpu
