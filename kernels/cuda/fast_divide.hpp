#pragma once

#include "kernels/cuda/integers.hpp"

namespace braid::cuda {

/// Division by a number that the host knows, as a multiplication and a shift: an integer division
/// costs a GPU some twenty instructions. For dividends below 2^31.
struct FastDivisor {
  unsigned divisor = 1;
  unsigned multiplier = 1;
  unsigned shift = 0;
};

inline FastDivisor fast_divisor(int divisor) {
  FastDivisor made;
  made.divisor = static_cast<unsigned>(divisor);
  while ((std::uint64_t{1} << made.shift) < made.divisor)
    ++made.shift;
  const std::uint64_t excess = (std::uint64_t{1} << made.shift) - made.divisor;
  made.multiplier = static_cast<unsigned>((excess << 32) / made.divisor + 1);
  return made;
}

}  // namespace braid::cuda
