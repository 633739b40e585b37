// Tiles of the types that have arithmetic, and of bools.

#include <cstring>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/scalar_math.hpp"
#include "kernels/cpu/tile.hpp"

namespace braid::cpu {
namespace {

using Bool = std::uint8_t;  // files may hold other bytes than 0 and 1

template <class T>
BRAID_INLINE T div(T x, T y) {
  return x / y;
}

template <class T>
BRAID_INLINE T sign(T x) {
  const T result = static_cast<T>(static_cast<T>(x > T{}) - static_cast<T>(x < T{}));
  return x != x ? x : result;
}

template <class T>
BRAID_INLINE T relu(T x) {
  return x < T{} ? T{} : x;
}

template <class T>
BRAID_INLINE T prelu(T x, T slope) {
  const T scaled = mul(x, slope);
  return x < T{} ? scaled : x;
}

template <class T>
BRAID_INLINE T square(T x) {
  return mul(x, x);
}

template <class T>
BRAID_INLINE bool equal(T x, T y) {
  return x == y;
}

template <class T>
BRAID_INLINE bool greater(T x, T y) {
  return x > y;
}

template <class T>
BRAID_INLINE bool greater_or_equal(T x, T y) {
  return x >= y;
}

template <class T>
BRAID_INLINE bool less(T x, T y) {
  return x < y;
}

template <class T>
BRAID_INLINE bool less_or_equal(T x, T y) {
  return x <= y;
}

template <class T>
BRAID_INLINE bool is_nan(T x) {
  return x != x;
}

BRAID_INLINE bool bool_and(Bool x, Bool y) {
  return static_cast<int>(x != 0) & static_cast<int>(y != 0);
}

BRAID_INLINE bool bool_or(Bool x, Bool y) {
  return static_cast<int>(x != 0) | static_cast<int>(y != 0);
}

BRAID_INLINE bool bool_xor(Bool x, Bool y) {
  return (x != 0) != (y != 0);
}

BRAID_INLINE bool bool_equal(Bool x, Bool y) {
  return (x != 0) == (y != 0);
}

BRAID_INLINE bool bool_not(Bool x) {
  return x == 0;
}

template <auto F, class R, class T>
BRAID_INLINE void unary(const TileCall& call, const T* x) {
  R* to = static_cast<R*>(call.to);
#pragma omp simd
  for (std::int64_t i = 0; i < call.count; ++i)
    to[i] = static_cast<R>(F(x[i]));
}

template <auto F, class R, class T>
BRAID_INLINE void binary(const TileCall& call, const T* x) {
  const T* y = static_cast<const T*>(call.y);
  R* to = static_cast<R*>(call.to);
#pragma omp simd
  for (std::int64_t i = 0; i < call.count; ++i)
    to[i] = static_cast<R>(F(x[i], y[i]));
}

template <class T>
BRAID_INLINE void find_infinities(const TileCall& call, const T* x) {
  const auto a = static_cast<T>(call.a);
  const auto b = static_cast<T>(call.b);
  auto* to = static_cast<Bool*>(call.to);
#pragma omp simd
  for (std::int64_t i = 0; i < call.count; ++i)
    to[i] = static_cast<Bool>(static_cast<int>(x[i] == a) | static_cast<int>(x[i] == b));
}

template <class T>
BRAID_INLINE void copy(const TileCall& call) {
  std::memcpy(call.to, call.x, static_cast<std::size_t>(call.count) * sizeof(T));
}

template <class T>
BRAID_INLINE void where(const TileCall& call) {
  const auto* takes_x = static_cast<const Bool*>(call.x);
  const T* x = static_cast<const T*>(call.y);
  const T* y = static_cast<const T*>(call.z);
  T* to = static_cast<T*>(call.to);
#pragma omp simd
  for (std::int64_t i = 0; i < call.count; ++i) {
    const T left = x[i];
    const T right = y[i];
    to[i] = takes_x[i] != 0 ? left : right;
  }
}

template <class T>
BRAID_INLINE void compute_predicate(const TileCall& call) {
  const T* x = static_cast<const T*>(call.x);
  switch (call.opcode) {
    case Opcode::Equal:
      return binary<equal<T>, Bool>(call, x);
    case Opcode::Greater:
      return binary<greater<T>, Bool>(call, x);
    case Opcode::GreaterOrEqual:
      return binary<greater_or_equal<T>, Bool>(call, x);
    case Opcode::Less:
      return binary<less<T>, Bool>(call, x);
    case Opcode::IsNaN:
      return unary<is_nan<T>, Bool>(call, x);
    case Opcode::IsInf:
      if constexpr (std::is_floating_point_v<T>) find_infinities(call, x);
      return;
    default:
      return binary<less_or_equal<T>, Bool>(call, x);
  }
}

template <class T>
BRAID_INLINE void compute(const TileCall& call) {
  const T* x = static_cast<const T*>(call.x);
  switch (call.opcode) {
    case Opcode::Copy:
      return copy<T>(call);
    case Opcode::Add:
      return binary<add<T>, T>(call, x);
    case Opcode::Sub:
      return binary<sub<T>, T>(call, x);
    case Opcode::Mul:
      return binary<mul<T>, T>(call, x);
    case Opcode::Div:
      if constexpr (std::is_floating_point_v<T>) binary<div<T>, T>(call, x);
      return;
    case Opcode::Neg:
      return unary<neg<T>, T>(call, x);
    case Opcode::Abs:
      return unary<abs<T>, T>(call, x);
    case Opcode::Sign:
      return unary<sign<T>, T>(call, x);
    case Opcode::Min:
      return binary<smaller<T>, T>(call, x);
    case Opcode::Max:
      return binary<larger<T>, T>(call, x);
    case Opcode::Relu:
      return unary<relu<T>, T>(call, x);
    case Opcode::PRelu:
      return binary<prelu<T>, T>(call, x);
    case Opcode::Square:
      return unary<square<T>, T>(call, x);
    case Opcode::Where:
      return where<T>(call);
    default:
      return compute_predicate<T>(call);
  }
}

}  // namespace

BRAID_CLONES void tile_floats(const TileCall& call) {
  compute<float>(call);
}

BRAID_CLONES void tile_doubles(const TileCall& call) {
  compute<double>(call);
}

BRAID_CLONES void tile_int32s(const TileCall& call) {
  compute<std::int32_t>(call);
}

BRAID_CLONES void tile_int64s(const TileCall& call) {
  compute<std::int64_t>(call);
}

BRAID_CLONES void tile_bools(const TileCall& call) {
  const auto* x = static_cast<const Bool*>(call.x);
  switch (call.opcode) {
    case Opcode::Copy:
      return copy<Bool>(call);
    case Opcode::Where:
      return where<Bool>(call);
    case Opcode::Equal:
      return binary<bool_equal, Bool>(call, x);
    case Opcode::And:
      return binary<bool_and, Bool>(call, x);
    case Opcode::Or:
      return binary<bool_or, Bool>(call, x);
    case Opcode::Xor:
      return binary<bool_xor, Bool>(call, x);
    default:
      return unary<bool_not, Bool>(call, x);
  }
}

}  // namespace braid::cpu
