// Tiles of functions of one float.

#include <cmath>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/tile.hpp"
#include "kernels/cpu/vector_math.hpp"

namespace braid::cpu {
namespace {

// All take the instruction's parameters.
#define BRAID_FUNCTION(name)                                                  \
  BRAID_INLINE float name([[maybe_unused]] float x, [[maybe_unused]] float a, \
                          [[maybe_unused]] float b)

BRAID_FUNCTION(reciprocal) {
  return 1.0F / x;
}
BRAID_FUNCTION(square_root) {
  return std::sqrt(x);
}
BRAID_FUNCTION(floor) {
  return std::floor(x);
}
BRAID_FUNCTION(ceil) {
  return std::ceil(x);
}
// To nearest even, the default rounding direction, which nothing here changes.
BRAID_FUNCTION(round) {
  return std::nearbyint(x);
}
BRAID_FUNCTION(softsign) {
  return x / (1.0F + std::fabs(x));
}
BRAID_FUNCTION(hard_sigmoid) {
  return clamp(a * x + b, 0.0F, 1.0F);
}
BRAID_FUNCTION(hard_swish) {
  return x * clamp(x * (1.0F / 6.0F) + 0.5F, 0.0F, 1.0F);
}
BRAID_FUNCTION(exp) {
  return exp_of(x);
}
BRAID_FUNCTION(log) {
  return log_of(x);
}
BRAID_FUNCTION(erf) {
  return erf_of(x);
}
BRAID_FUNCTION(tanh) {
  return tanh_of(x);
}
BRAID_FUNCTION(sigmoid) {
  return sigmoid_of(x);
}
BRAID_FUNCTION(softplus) {
  return softplus_of(x);
}
BRAID_FUNCTION(swish) {
  return x * sigmoid_of(a * x);
}

BRAID_FUNCTION(leaky_relu) {
  const float scaled = a * x;
  return x < 0.0F ? scaled : x;
}

BRAID_FUNCTION(thresholded_relu) {
  return x <= a ? 0.0F : x;
}

BRAID_FUNCTION(elu) {
  const float negative = a * expm1_of_negative(x);
  return x < 0.0F ? negative : x;
}

BRAID_FUNCTION(celu) {
  const float negative = a * expm1_of_negative(x / a);
  return x < 0.0F ? negative : x;
}

BRAID_FUNCTION(selu) {
  const float negative = a * expm1_of_negative(x);
  return b * (x > 0.0F ? x : negative);
}

// tanh(log(1 + w)) = w (w + 2) / (w (w + 2) + 2), which is 1 where w would overflow.
BRAID_FUNCTION(mish) {
  const float w = exp_of(x > 20.0F ? 20.0F : x);
  const float product = w * (w + 2.0F);
  return x * (product / (product + 2.0F));
}

BRAID_FUNCTION(gelu) {
  return 0.5F * x * (1.0F + erf_of(x * 0.70710678F));
}

BRAID_FUNCTION(gelu_tanh) {
  return 0.5F * x * (1.0F + tanh_of(0.79788456F * (x + 0.044715F * x * x * x)));
}

BRAID_FUNCTION(sin) {
  return sine_of(x, 0);
}
BRAID_FUNCTION(cos) {
  return sine_of(x, 1);
}

#undef BRAID_FUNCTION

template <auto F>
BRAID_INLINE void map(const TileCall& call) {
  const auto* x = static_cast<const float*>(call.x);
  auto* to = static_cast<float*>(call.to);
  const float a = call.a;
  const float b = call.b;
#pragma omp simd
  for (std::int64_t i = 0; i < call.count; ++i)
    to[i] = F(x[i], a, b);
}

// Large angles, of which there are hardly any, are left to the library. `to` is not `x`.
template <auto F, class Exact>
BRAID_INLINE void map_angles(const TileCall& call, const Exact& exact) {
  map<F>(call);
  const auto* x = static_cast<const float*>(call.x);
  auto* to = static_cast<float*>(call.to);
  int beyond = 0;
#pragma omp simd reduction(| : beyond)
  for (std::int64_t i = 0; i < call.count; ++i)
    beyond |= static_cast<int>(std::fabs(x[i]) > kLargestAngle);
  if (beyond == 0) return;
  for (std::int64_t i = 0; i < call.count; ++i) {
    if (std::fabs(x[i]) > kLargestAngle) to[i] = exact(x[i]);
  }
}

// Not vectorised: a float's logarithm is too coarse to raise it to a power.
BRAID_INLINE void map_powers(const TileCall& call) {
  const auto* x = static_cast<const float*>(call.x);
  const auto* y = static_cast<const float*>(call.y);
  auto* to = static_cast<float*>(call.to);
  for (std::int64_t i = 0; i < call.count; ++i)
    to[i] = std::pow(x[i], y[i]);
}

BRAID_INLINE void compute_exponential(const TileCall& call) {
  switch (call.opcode) {
    case Opcode::Exp:
      return map<exp>(call);
    case Opcode::Log:
      return map<log>(call);
    case Opcode::Erf:
      return map<erf>(call);
    case Opcode::Tanh:
      return map<tanh>(call);
    case Opcode::Sigmoid:
      return map<sigmoid>(call);
    case Opcode::Softplus:
      return map<softplus>(call);
    case Opcode::Mish:
      return map<mish>(call);
    case Opcode::Swish:
      return map<swish>(call);
    case Opcode::Elu:
      return map<elu>(call);
    case Opcode::Celu:
      return map<celu>(call);
    case Opcode::Selu:
      return map<selu>(call);
    case Opcode::Gelu:
      return map<gelu>(call);
    case Opcode::GeluTanh:
      return map<gelu_tanh>(call);
    case Opcode::Sin:
      return map_angles<sin>(call, [](float x) { return std::sin(x); });
    case Opcode::Cos:
      return map_angles<cos>(call, [](float x) { return std::cos(x); });
    default:
      return map_powers(call);
  }
}

}  // namespace

BRAID_CLONES void tile_float_functions(const TileCall& call) {
  switch (call.opcode) {
    case Opcode::Reciprocal:
      return map<reciprocal>(call);
    case Opcode::Sqrt:
      return map<square_root>(call);
    case Opcode::Floor:
      return map<floor>(call);
    case Opcode::Ceil:
      return map<ceil>(call);
    case Opcode::Round:
      return map<round>(call);
    case Opcode::Clamp:
      return map<clamp>(call);
    case Opcode::LeakyRelu:
      return map<leaky_relu>(call);
    case Opcode::HardSigmoid:
      return map<hard_sigmoid>(call);
    case Opcode::HardSwish:
      return map<hard_swish>(call);
    case Opcode::Softsign:
      return map<softsign>(call);
    case Opcode::ThresholdedRelu:
      return map<thresholded_relu>(call);
    default:
      return compute_exponential(call);
  }
}

}  // namespace braid::cpu
