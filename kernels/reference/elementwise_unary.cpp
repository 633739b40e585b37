#include <cmath>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {

void abs(KernelCall& call) {
  unary(call, kNumbers, [](auto x) {
    // fabs also clears the sign of -0 and NaN.
    if constexpr (std::is_floating_point_v<decltype(x)>) return std::fabs(x);
    return x < decltype(x){} ? wrapping_sub(decltype(x){}, x) : x;
  });
}

void neg(KernelCall& call) {
  unary(call, kFloats | kSigned, [](auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>) return -x;
    return wrapping_sub(decltype(x){}, x);
  });
}

void sign(KernelCall& call) {
  unary(call, kNumbers, [](auto x) {
    using W = decltype(x);
    if (x != x) return x;
    return static_cast<W>(static_cast<W>(x > W{}) - static_cast<W>(x < W{}));
  });
}

void acos(KernelCall& call) {
  unary_float(call, [](double x) { return std::acos(x); });
}

void acosh(KernelCall& call) {
  unary_float(call, [](double x) { return std::acosh(x); });
}

void asin(KernelCall& call) {
  unary_float(call, [](double x) { return std::asin(x); });
}

void asinh(KernelCall& call) {
  unary_float(call, [](double x) { return std::asinh(x); });
}

void atan(KernelCall& call) {
  unary_float(call, [](double x) { return std::atan(x); });
}

void atanh(KernelCall& call) {
  unary_float(call, [](double x) { return std::atanh(x); });
}

void ceil(KernelCall& call) {
  unary_float(call, [](double x) { return std::ceil(x); });
}

void cos(KernelCall& call) {
  unary_float(call, [](double x) { return std::cos(x); });
}

void cosh(KernelCall& call) {
  unary_float(call, [](double x) { return std::cosh(x); });
}

void erf(KernelCall& call) {
  // The type list of Erf includes integers; their results are rounded towards zero.
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  map<double>(x, call.output(0, x.dtype(), x.dims()), [](double v) { return std::erf(v); });
}

void exp(KernelCall& call) {
  unary_float(call, [](double x) { return std::exp(x); });
}

void floor(KernelCall& call) {
  unary_float(call, [](double x) { return std::floor(x); });
}

void log(KernelCall& call) {
  unary_float(call, [](double x) { return std::log(x); });
}

void reciprocal(KernelCall& call) {
  unary_float(call, [](double x) { return 1.0 / x; });
}

void round(KernelCall& call) {
  // To nearest even, the default rounding direction, which nothing here changes.
  unary_float(call, [](double x) { return std::nearbyint(x); });
}

void sin(KernelCall& call) {
  unary_float(call, [](double x) { return std::sin(x); });
}

void sinh(KernelCall& call) {
  unary_float(call, [](double x) { return std::sinh(x); });
}

void sqrt(KernelCall& call) {
  unary_float(call, [](double x) { return std::sqrt(x); });
}

void tan(KernelCall& call) {
  unary_float(call, [](double x) { return std::tan(x); });
}

void tanh(KernelCall& call) {
  unary_float(call, [](double x) { return std::tanh(x); });
}

void not_(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kBools);
  map<std::uint64_t>(x, call.output(0, DType::Bool, x.dims()),
                     [](std::uint64_t v) { return v == 0; });
}

void bitwise_not(KernelCall& call) {
  unary(call, kIntegers, [](auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>)
      return x;  // never called
    else
      return static_cast<decltype(x)>(~x);
  });
}

void is_nan(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  map<double>(x, call.output(0, DType::Bool, x.dims()), [](double v) { return std::isnan(v); });
}

void is_inf(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  const bool negative = call.attributes().get_int("detect_negative", 1) != 0;
  const bool positive = call.attributes().get_int("detect_positive", 1) != 0;
  map<double>(x, call.output(0, DType::Bool, x.dims()),
              [=](double v) { return std::isinf(v) && (v < 0 ? negative : positive); });
}

}  // namespace braid::reference::ops
