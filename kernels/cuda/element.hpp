#pragma once

#include "kernels/cuda/integers.hpp"

namespace braid::cuda {

/// What floating-point values are stored as; all arithmetic is in float.
enum class Element : std::uint8_t { Float, Half, BFloat16 };

inline constexpr int kElements = 3;

inline constexpr int element_bytes(Element element) {
  return element == Element::Float ? 4 : 2;
}

}  // namespace braid::cuda
