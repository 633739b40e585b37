#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

double logistic(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

/// log(1 + e^x) without overflow.
double softplus_of(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

}  // namespace

void relu(KernelCall& call) {
  unary(call, kNumbers, [](auto x) { return x < decltype(x){} ? decltype(x){} : x; });
}

void sigmoid(KernelCall& call) {
  unary_float(call, logistic);
}

void softplus(KernelCall& call) {
  unary_float(call, [](double x) { return x != x ? x : softplus_of(x); });
}

void softsign(KernelCall& call) {
  unary_float(call, [](double x) { return x / (1.0 + std::fabs(x)); });
}

void mish(KernelCall& call) {
  unary_float(call, [](double x) { return x != x ? x : x * std::tanh(softplus_of(x)); });
}

void hard_swish(KernelCall& call) {
  unary_float(call, [](double x) { return x * smaller(larger(x / 6.0 + 0.5, 0.0), 1.0); });
}

void swish(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 1.0F);
  unary_float(call, [=](double x) { return x * logistic(alpha * x); });
}

void celu(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 1.0F);
  unary_float(call, [=](double x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
}

void elu(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 1.0F);
  unary_float(call, [=](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

void selu(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 1.67326319217681884765625F);
  const double gamma = call.attributes().get_float("gamma", 1.05070102214813232421875F);
  unary_float(call, [=](double x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

void gelu(KernelCall& call) {
  const std::string form = call.attributes().get_string("approximate", "none");
  if (form == "tanh") {
    const double scale = std::sqrt(2.0 / std::numbers::pi);
    unary_float(call, [=](double x) {
      return 0.5 * x * (1.0 + std::tanh(scale * (x + 0.044715 * x * x * x)));
    });
  } else if (form == "none") {
    unary_float(call, [](double x) { return 0.5 * x * (1.0 + std::erf(x / std::numbers::sqrt2)); });
  } else {
    call.fail("approximate \"" + form + "\" is unknown");
  }
}

void hard_sigmoid(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 0.2F);
  const double beta = call.attributes().get_float("beta", 0.5F);
  unary_float(call, [=](double x) { return smaller(larger(alpha * x + beta, 0.0), 1.0); });
}

void leaky_relu(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 0.01F);
  unary_float(call, [=](double x) { return x < 0 ? alpha * x : x; });
}

void thresholded_relu(KernelCall& call) {
  const double alpha = call.attributes().get_float("alpha", 1.0F);
  unary_float(call, [=](double x) { return x <= alpha ? 0.0 : x; });
}

void shrink(KernelCall& call) {
  const double lambd = call.attributes().get_float("lambd", 0.5F);
  const double bias = call.attributes().get_float("bias", 0.0F);
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  map<double>(x, call.output(0, x.dtype(), x.dims()), [=](double v) {
    return v < -lambd ? v + bias : v > lambd ? v - bias : 0.0;
  });
}

void prelu(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& slope = call.input(1);
  require_same_type(call, x, slope);
  require_type(call, x.dtype(), kNumbers);
  Tensor& out = call.output(0, x.dtype(), x.dims());
  dispatch_wide(call, x.dtype(), kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    zip<W>(call, x, slope, out, [](W v, W s) { return v < W{} ? wrapping_mul(v, s) : v; });
  });
}

void clip(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  Tensor& out = call.output(0, x.dtype(), x.dims());
  dispatch_wide(call, x.dtype(), kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    const auto bound = [&](std::size_t input, const char* attribute, W absent) -> W {
      if (call.attributes().has(attribute)) {  // before opset 11, when x was a float
        require_type(call, x.dtype(), kFloats);
        return static_cast<W>(call.attributes().get_float(attribute, 0.0F));
      }
      if (!call.has_input(input)) return absent;
      const Tensor& limit = call.input(input);
      require_same_type(call, x, limit);
      if (limit.size() != 1) call.fail("a bound must hold one value");
      W value{};
      load(limit.dtype(), limit.raw().data(), 0, 1, 1, &value);
      return value;
    };
    using Limits = std::numeric_limits<W>;
    constexpr bool kFloat = std::is_floating_point_v<W>;
    const W low = bound(1, "min", kFloat ? -Limits::infinity() : Limits::lowest());
    const W high = bound(2, "max", kFloat ? Limits::infinity() : Limits::max());
    // In this order: where the bounds cross, the upper one wins.
    map<W>(x, out, [=](W v) { return smaller(larger(v, low), high); });
  });
}

}  // namespace braid::reference::ops
