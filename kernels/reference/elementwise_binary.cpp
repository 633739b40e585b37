#include <cmath>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

constexpr DType kSame = DType::Undefined;

/// Integers have no quotient by zero; floating-point numbers do.
void require_no_zero(const KernelCall& call, const Tensor& divisor) {
  require_type(call, divisor.dtype(), kNumbers);
  if (family_of(divisor.dtype()) == kFloats) return;
  for (const double value : to_doubles(divisor)) {
    if (value == 0.0) call.fail("division of integers by zero");
  }
}

template <class W>
W quotient(W a, W b) {
  if constexpr (std::is_signed_v<W> && std::is_integral_v<W>) {
    if (b == -1) return wrapping_sub(W{}, a);  // the smallest integer has no counterpart
  }
  return a / b;
}

/// With the sign of the dividend, as C has it.
template <class W>
W truncated_remainder(W a, W b) {
  if constexpr (std::is_floating_point_v<W>) {
    return std::fmod(a, b);
  } else {
    if constexpr (std::is_signed_v<W>) {
      if (b == -1) return 0;
    }
    return a % b;
  }
}

/// With the sign of the divisor, as Python has it.
template <class W>
W floored_remainder(W a, W b) {
  const W rest = truncated_remainder(a, b);
  return rest != W{} && (rest < W{}) != (b < W{}) ? rest + b : rest;
}

template <class W>
W integer_power(W base, std::int64_t exponent) {
  if (exponent < 0) {
    // 1 / base^n: only 1 and -1 leave anything after truncation; of 0, follow wrap-around's 0.
    if (base == W{1}) return 1;
    if (std::is_signed_v<W> && base == static_cast<W>(-1)) return exponent % 2 == 0 ? W{1} : base;
    return 0;
  }
  W result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = wrapping_mul(result, base);
    base = wrapping_mul(base, base);
  }
  return result;
}

template <class F>
void compare(KernelCall& call, unsigned accepted, const F& f) {
  binary(call, accepted, DType::Bool, f);
}

template <class F>
void logical(KernelCall& call, const F& f) {
  binary(call, kBools, DType::Bool, [&](auto a, auto b) -> bool { return f(a != 0, b != 0); });
}

template <class F>
void bitwise(KernelCall& call, const F& f) {
  binary(call, kIntegers, kSame, [&](auto a, auto b) {
    using W = decltype(a);
    if constexpr (std::is_floating_point_v<W>)
      return a;  // never called
    else
      return static_cast<W>(f(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  });
}

}  // namespace

void add(KernelCall& call) {
  binary(call, kNumbers, kSame, [](auto a, auto b) { return wrapping_add(a, b); });
}

void sub(KernelCall& call) {
  binary(call, kNumbers, kSame, [](auto a, auto b) { return wrapping_sub(a, b); });
}

void mul(KernelCall& call) {
  binary(call, kNumbers, kSame, [](auto a, auto b) { return wrapping_mul(a, b); });
}

void div(KernelCall& call) {
  require_no_zero(call, call.input(1));
  binary(call, kNumbers, kSame, [](auto a, auto b) { return quotient(a, b); });
}

void mod(KernelCall& call) {
  require_no_zero(call, call.input(1));
  if (call.attributes().get_int("fmod", 0) != 0) {
    binary(call, kNumbers, kSame, [](auto a, auto b) { return truncated_remainder(a, b); });
  } else {
    if (family_of(call.input(0).dtype()) == kFloats) call.fail("floating point needs fmod = 1");
    binary(call, kIntegers, kSame, [](auto a, auto b) { return floored_remainder(a, b); });
  }
}

void pow(KernelCall& call) {
  const Tensor& base = call.input(0);
  const Tensor& exponent = call.input(1);
  require_type(call, base.dtype(), kNumbers);
  require_type(call, exponent.dtype(), kNumbers);
  Tensor& out = allocate(call, 0, base.dtype(), broadcast_dims(call, base.dims(), exponent.dims()));
  const unsigned families = family_of(base.dtype()) | family_of(exponent.dtype());
  if ((families & kFloats) != 0) {
    zip<double>(call, base, exponent, out, [](double a, double b) { return std::pow(a, b); });
  } else if (family_of(base.dtype()) == kSigned) {
    zip<std::int64_t>(call, base, exponent, out, integer_power<std::int64_t>);
  } else {
    zip<std::uint64_t>(call, base, exponent, out, [](std::uint64_t a, std::uint64_t b) {
      return integer_power(a, static_cast<std::int64_t>(b));
    });
  }
}

void equal(KernelCall& call) {
  compare(call, kAll, [](auto a, auto b) { return a == b; });
}

void greater(KernelCall& call) {
  compare(call, kNumbers, [](auto a, auto b) { return a > b; });
}

void greater_or_equal(KernelCall& call) {
  compare(call, kNumbers, [](auto a, auto b) { return a >= b; });
}

void less(KernelCall& call) {
  compare(call, kNumbers, [](auto a, auto b) { return a < b; });
}

void less_or_equal(KernelCall& call) {
  compare(call, kNumbers, [](auto a, auto b) { return a <= b; });
}

void and_(KernelCall& call) {
  logical(call, [](bool a, bool b) { return a && b; });
}

void or_(KernelCall& call) {
  logical(call, [](bool a, bool b) { return a || b; });
}

void xor_(KernelCall& call) {
  logical(call, [](bool a, bool b) { return a != b; });
}

void bitwise_and(KernelCall& call) {
  bitwise(call, [](std::uint64_t a, std::uint64_t b) { return a & b; });
}

void bitwise_or(KernelCall& call) {
  bitwise(call, [](std::uint64_t a, std::uint64_t b) { return a | b; });
}

void bitwise_xor(KernelCall& call) {
  bitwise(call, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
}

void bit_shift(KernelCall& call) {
  const std::string direction = call.attributes().get_string("direction", "");
  if (direction != "LEFT" && direction != "RIGHT") call.fail("direction must be LEFT or RIGHT");
  if (family_of(call.input(0).dtype()) != kUnsigned) fail_type(call, call.input(0).dtype());
  const bool left = direction == "LEFT";
  bitwise(call, [=](std::uint64_t a, std::uint64_t b) -> std::uint64_t {
    if (b >= 64) return 0;
    return left ? a << b : a >> b;
  });
}

}  // namespace braid::reference::ops
