#include "kernels/reference/convert.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "braid/error.hpp"
#include "kernels/reference/dispatch.hpp"

namespace braid::reference {
namespace {

using Half = Eigen::half;
using BFloat16 = Eigen::bfloat16;

/// Calls f(Tag<T>{}) with the C++ type of the element type; false if there is none.
template <class F>
bool visit_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::Float32:
      f(Tag<float>{});
      return true;
    case DType::Float64:
      f(Tag<double>{});
      return true;
    case DType::Float16:
      f(Tag<Half>{});
      return true;
    case DType::BFloat16:
      f(Tag<BFloat16>{});
      return true;
    case DType::Int8:
      f(Tag<std::int8_t>{});
      return true;
    case DType::Int16:
      f(Tag<std::int16_t>{});
      return true;
    case DType::Int32:
      f(Tag<std::int32_t>{});
      return true;
    case DType::Int64:
      f(Tag<std::int64_t>{});
      return true;
    case DType::UInt8:
      f(Tag<std::uint8_t>{});
      return true;
    case DType::UInt16:
      f(Tag<std::uint16_t>{});
      return true;
    case DType::UInt32:
      f(Tag<std::uint32_t>{});
      return true;
    case DType::UInt64:
      f(Tag<std::uint64_t>{});
      return true;
    case DType::Bool:
      f(Tag<Bool>{});
      return true;
    default:
      return false;
  }
}

template <class T>
constexpr bool kIsSmallFloat = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

/// Rounding to odd first makes the second rounding, from float to 16 bits, the only one that
/// counts.
float round_to_odd(double x) {
  const float nearest = static_cast<float>(x);
  if (static_cast<double>(nearest) == x || !std::isfinite(x) || std::isinf(nearest)) return nearest;
  auto bits = std::bit_cast<std::uint32_t>(nearest);
  if (std::abs(static_cast<double>(nearest)) > std::abs(x)) --bits;
  return std::bit_cast<float>(bits | 1U);
}

/// What x86's conversion instructions give, and so what other runtimes give, without their C++
/// counterpart's undefined behaviour.
template <class T>
T truncate_to(double x) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    if (x >= kTwo63 && x < 2 * kTwo63) return static_cast<std::uint64_t>(x);
  }
  constexpr bool kThroughInt32 = sizeof(T) < 4 || std::is_same_v<T, std::int32_t>;
  using Through = std::conditional_t<kThroughInt32, std::int32_t, std::int64_t>;
  constexpr double kLimit = kThroughInt32 ? 2147483648.0 : kTwo63;
  const double whole = std::trunc(x);
  const bool fits = whole >= -kLimit && whole < kLimit;  // false for NaN
  return static_cast<T>(fits ? static_cast<Through>(whole) : std::numeric_limits<Through>::min());
}

template <class T, class W>
T narrow(W x) {
  if constexpr (std::is_same_v<T, Bool>) {
    return {static_cast<std::uint8_t>(x != 0)};
  } else if constexpr (kIsSmallFloat<T>) {
    return T(round_to_odd(static_cast<double>(x)));
  } else if constexpr (std::is_integral_v<T> && std::is_floating_point_v<W>) {
    return truncate_to<T>(x);
  } else {
    return static_cast<T>(x);
  }
}

template <class W, class T>
W widen(T x) {
  if constexpr (std::is_same_v<T, Bool>) {
    return static_cast<W>(x.value != 0);
  } else if constexpr (kIsSmallFloat<T>) {
    return static_cast<W>(static_cast<float>(x));
  } else {
    return static_cast<W>(x);
  }
}

[[noreturn]] void fail_conversion(DType dtype) {
  throw Error(ErrorKind::Internal,
              "cannot convert elements of type " + std::string(dtype_name(dtype)));
}

}  // namespace

template <class W>
void load(DType dtype, const std::byte* from, std::int64_t offset, std::int64_t stride,
          std::int64_t count, W* to) {
  if (count <= 0) return;
  const bool known = visit_type(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    constexpr bool kFromFloat = std::is_floating_point_v<T> || kIsSmallFloat<T>;
    if constexpr (kFromFloat && std::is_integral_v<W>) {
      fail_conversion(dtype);
    } else {
      const T* source = reinterpret_cast<const T*>(from) + offset;
      if (stride == 1) {
        for (std::int64_t i = 0; i < count; ++i)
          to[i] = widen<W>(source[i]);
      } else if (stride == 0) {
        std::fill_n(to, count, widen<W>(*source));
      } else {
        for (std::int64_t i = 0; i < count; ++i)
          to[i] = widen<W>(source[i * stride]);
      }
    }
  });
  if (!known) fail_conversion(dtype);
}

template <class W>
void store(DType dtype, std::byte* to, std::int64_t offset, std::int64_t stride, std::int64_t count,
           const W* from) {
  if (count <= 0) return;
  const bool known = visit_type(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* target = reinterpret_cast<T*>(to) + offset;
    if (stride == 1) {
      for (std::int64_t i = 0; i < count; ++i)
        target[i] = narrow<T>(from[i]);
    } else {
      for (std::int64_t i = 0; i < count; ++i)
        target[i * stride] = narrow<T>(from[i]);
    }
  });
  if (!known) fail_conversion(dtype);
}

template void load(DType, const std::byte*, std::int64_t, std::int64_t, std::int64_t, double*);
template void load(DType, const std::byte*, std::int64_t, std::int64_t, std::int64_t,
                   std::int64_t*);
template void load(DType, const std::byte*, std::int64_t, std::int64_t, std::int64_t,
                   std::uint64_t*);
template void store(DType, std::byte*, std::int64_t, std::int64_t, std::int64_t, const double*);
template void store(DType, std::byte*, std::int64_t, std::int64_t, std::int64_t,
                    const std::int64_t*);
template void store(DType, std::byte*, std::int64_t, std::int64_t, std::int64_t,
                    const std::uint64_t*);

std::vector<double> to_doubles(const Tensor& tensor) {
  std::vector<double> values(static_cast<std::size_t>(tensor.size()));
  load(tensor.dtype(), tensor.raw().data(), 0, 1, tensor.size(), values.data());
  return values;
}

}  // namespace braid::reference
