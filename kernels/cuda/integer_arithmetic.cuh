#pragma once

#include "kernels/cuda/device.cuh"

/// Arithmetic of 64-bit integers that is defined for all of them: they wrap around, and what is
/// divided by 0 is 0. The same names for floats, where code serves both.
namespace braid::cuda {

using Integer = long long;

__device__ __forceinline__ unsigned long long unsigned_of(Integer x) {
  return static_cast<unsigned long long>(x);
}

__device__ __forceinline__ Integer sum_of(Integer a, Integer b) {
  return static_cast<Integer>(unsigned_of(a) + unsigned_of(b));
}
__device__ __forceinline__ float sum_of(float a, float b) {
  return a + b;
}

__device__ __forceinline__ Integer difference_of(Integer a, Integer b) {
  return static_cast<Integer>(unsigned_of(a) - unsigned_of(b));
}
__device__ __forceinline__ float difference_of(float a, float b) {
  return a - b;
}

__device__ __forceinline__ Integer product_of(Integer a, Integer b) {
  return static_cast<Integer>(unsigned_of(a) * unsigned_of(b));
}
__device__ __forceinline__ float product_of(float a, float b) {
  return a * b;
}

__device__ __forceinline__ Integer negated(Integer a) {
  return difference_of(0LL, a);
}
__device__ __forceinline__ float negated(float a) {
  return -a;
}

/// Towards zero.
__device__ __forceinline__ Integer quotient(Integer a, Integer b) {
  if (b == 0) return 0;
  return b == -1 ? negated(a) : a / b;  // the smallest integer has no counterpart
}

/// With the sign of the dividend.
__device__ __forceinline__ Integer remainder_of(Integer a, Integer b) {
  return b == 0 || b == -1 ? 0 : a % b;
}

/// With the sign of the divisor.
__device__ __forceinline__ Integer modulus(Integer a, Integer b) {
  const Integer rest = remainder_of(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Of 1 / base^n, only that of 1 and -1 leaves anything.
__device__ __forceinline__ Integer power(Integer base, Integer exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (base == -1) return exponent % 2 == 0 ? 1 : -1;
    return 0;
  }
  Integer result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = product_of(result, base);
    base = product_of(base, base);
  }
  return result;
}

/// Nothing is left of what is shifted by the width or more.
__device__ __forceinline__ Integer shifted_left(Integer a, Integer by) {
  return by < 0 || by > 63 ? 0 : static_cast<Integer>(unsigned_of(a) << by);
}

__device__ __forceinline__ Integer shifted_right(Integer a, Integer by) {
  return by < 0 || by > 63 ? 0 : static_cast<Integer>(unsigned_of(a) >> by);
}

}  // namespace braid::cuda
