#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/fast_divide.hpp"

namespace braid::cuda {

__device__ __forceinline__ int divide(int dividend, const FastDivisor& by) {
  const auto number = static_cast<unsigned>(dividend);
  return static_cast<int>((__umulhi(number, by.multiplier) + number) >> by.shift);
}

/// Divides `number` and leaves the remainder in it.
__device__ __forceinline__ int split(int& number, const FastDivisor& by) {
  const int quotient = divide(number, by);
  number -= quotient * static_cast<int>(by.divisor);
  return quotient;
}

}  // namespace braid::cuda
