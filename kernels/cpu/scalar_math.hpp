#pragma once

#include <cmath>
#include <type_traits>

#include "kernels/cpu/clones.hpp"

/// Arithmetic of one element, of any type: integers wrap around instead of overflowing, and NaN is
/// both the largest and the smallest number, as numpy has it.
namespace braid::cpu {

template <class T>
using Wrapping = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>,
                                             std::type_identity<T>>::type;

template <class T>
BRAID_INLINE Wrapping<T> wrap(T x) {
  return static_cast<Wrapping<T>>(x);
}

template <class T>
BRAID_INLINE T add(T x, T y) {
  return static_cast<T>(wrap(x) + wrap(y));
}

template <class T>
BRAID_INLINE T sub(T x, T y) {
  return static_cast<T>(wrap(x) - wrap(y));
}

template <class T>
BRAID_INLINE T mul(T x, T y) {
  return static_cast<T>(wrap(x) * wrap(y));
}

template <class T>
BRAID_INLINE T neg(T x) {
  if constexpr (std::is_floating_point_v<T>) return -x;
  return static_cast<T>(Wrapping<T>{} - wrap(x));
}

template <class T>
BRAID_INLINE T abs(T x) {
  if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
  const T negative = neg(x);
  return x < T{} ? negative : x;
}

template <class T>
BRAID_INLINE T smaller(T x, T y) {
  return static_cast<bool>(static_cast<int>(x < y) | static_cast<int>(x != x)) ? x : y;
}

template <class T>
BRAID_INLINE T larger(T x, T y) {
  return static_cast<bool>(static_cast<int>(x > y) | static_cast<int>(x != x)) ? x : y;
}

}  // namespace braid::cpu
