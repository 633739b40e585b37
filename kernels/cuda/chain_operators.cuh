#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/elementwise.hpp"
#include "kernels/cuda/integer_arithmetic.cuh"
#include "kernels/cuda/stored.cuh"

/// What an instruction of a chain does to the accumulators of a thread.
namespace braid::cuda {

template <class C>
__device__ __forceinline__ bool is_nan(C x) {
  return x != x;
}

/// In a chain of integers, a float is the integer of its bits.
__device__ __forceinline__ Integer bits_of(float value) {
  return __float_as_int(value);
}

__device__ __forceinline__ float float_of(Integer bits) {
  return __int_as_float(static_cast<int>(bits));
}

template <int kWidth>
__device__ __forceinline__ Pack<Integer, kWidth> bits_of(const Pack<float, kWidth>& values) {
  Pack<Integer, kWidth> bits;
  BRAID_UNROLL
  for (int i = 0; i < kWidth; ++i)
    bits.at[i] = bits_of(values.at[i]);
  return bits;
}

template <int kWidth>
__device__ __forceinline__ Pack<float, kWidth> floats_of(const Pack<Integer, kWidth>& bits) {
  Pack<float, kWidth> values;
  BRAID_UNROLL
  for (int i = 0; i < kWidth; ++i)
    values.at[i] = float_of(bits.at[i]);
  return values;
}

// One operator for all elements of a thread: the switch is taken once for them.
#define BRAID_CHAIN_CASE(op, result)              \
  case ChainOp::op:                               \
    BRAID_UNROLL                                  \
    for (int i = 0; i < kWidth; ++i) {            \
      [[maybe_unused]] const C acc = value.at[i]; \
      [[maybe_unused]] const C x = first.at[i];   \
      [[maybe_unused]] const C y = second.at[i];  \
      value.at[i] = (result);                     \
    }                                             \
    break;

/// Operators of floats alone.
template <int kWidth>
__device__ __forceinline__ void apply_function(const ChainInstruction& code,
                                               Pack<float, kWidth>& value,
                                               const Pack<float, kWidth>& first,
                                               const Pack<float, kWidth>& second) {
  using C = float;
  switch (code.op) {
    BRAID_CHAIN_CASE(Div, acc / x)
    BRAID_CHAIN_CASE(Fmod, fmodf(acc, x))
    BRAID_CHAIN_CASE(Pow, powf(acc, x))
    BRAID_CHAIN_CASE(PRelu, acc < 0 ? acc * x : acc)
    BRAID_CHAIN_CASE(Affine, code.a * acc + code.b)
    BRAID_CHAIN_CASE(Clip, clip(acc, code.a, code.b))
    BRAID_CHAIN_CASE(KeepFinite, fabsf(acc) == infinity() ? acc : clip(acc, -code.a, code.a))
    BRAID_CHAIN_CASE(LeakyRelu, acc < 0 ? code.a * acc : acc)
    BRAID_CHAIN_CASE(Elu, acc < 0 ? code.a * expm1f(acc) : acc)
    BRAID_CHAIN_CASE(Celu, acc < 0 ? code.a * expm1f(acc / code.a) : acc)
    BRAID_CHAIN_CASE(Selu, code.b * (acc < 0 ? code.a * expm1f(acc) : acc))
    BRAID_CHAIN_CASE(HardSigmoid, clip(code.a * acc + code.b, 0, 1))
    BRAID_CHAIN_CASE(HardSwish, acc * clip(acc / 6 + 0.5F, 0, 1))
    BRAID_CHAIN_CASE(ThresholdedRelu, acc <= code.a ? 0 : acc)
    BRAID_CHAIN_CASE(Swish, acc * sigmoid(code.a * acc))
    BRAID_CHAIN_CASE(Gelu, gelu(acc))
    BRAID_CHAIN_CASE(GeluTanh, gelu_tanh(acc))
    BRAID_CHAIN_CASE(Mish, acc * tanhf(softplus(acc)))
    BRAID_CHAIN_CASE(Softplus, softplus(acc))
    BRAID_CHAIN_CASE(Softsign, acc / (1 + fabsf(acc)))
    BRAID_CHAIN_CASE(Sigmoid, sigmoid(acc))
    BRAID_CHAIN_CASE(Tanh, tanhf(acc))
    BRAID_CHAIN_CASE(Exp, expf(acc))
    BRAID_CHAIN_CASE(Log, logf(acc))
    BRAID_CHAIN_CASE(Sqrt, sqrtf(acc))
    BRAID_CHAIN_CASE(Reciprocal, 1 / acc)
    BRAID_CHAIN_CASE(Erf, erff(acc))
    BRAID_CHAIN_CASE(Sin, sinf(acc))
    BRAID_CHAIN_CASE(Cos, cosf(acc))
    BRAID_CHAIN_CASE(Floor, floorf(acc))
    BRAID_CHAIN_CASE(Ceil, ceilf(acc))
    BRAID_CHAIN_CASE(Round, rintf(acc))
    BRAID_CHAIN_CASE(Tan, tanf(acc))
    BRAID_CHAIN_CASE(Asin, asinf(acc))
    BRAID_CHAIN_CASE(Acos, acosf(acc))
    BRAID_CHAIN_CASE(Atan, atanf(acc))
    BRAID_CHAIN_CASE(Sinh, sinhf(acc))
    BRAID_CHAIN_CASE(Cosh, coshf(acc))
    BRAID_CHAIN_CASE(Asinh, asinhf(acc))
    BRAID_CHAIN_CASE(Acosh, acoshf(acc))
    BRAID_CHAIN_CASE(Atanh, atanhf(acc))
    BRAID_CHAIN_CASE(Shrink, acc < -code.a ? acc + code.b : acc > code.a ? acc - code.b : 0)
    BRAID_CHAIN_CASE(IsNaN, C(is_nan(acc)))
    BRAID_CHAIN_CASE(IsInf, C(acc == code.a || acc == code.b))
    default:
      break;
  }
}

/// Operators of integers alone.
template <int kWidth>
__device__ __forceinline__ void apply_function(const ChainInstruction& code,
                                               Pack<Integer, kWidth>& value,
                                               const Pack<Integer, kWidth>& first,
                                               const Pack<Integer, kWidth>& second) {
  using C = Integer;
  switch (code.op) {
    BRAID_CHAIN_CASE(Div, quotient(acc, x))
    BRAID_CHAIN_CASE(Fmod, remainder_of(acc, x))
    BRAID_CHAIN_CASE(Mod, modulus(acc, x))
    BRAID_CHAIN_CASE(Pow, power(acc, x))
    BRAID_CHAIN_CASE(BitwiseAnd, acc & x)
    BRAID_CHAIN_CASE(BitwiseOr, acc | x)
    BRAID_CHAIN_CASE(BitwiseXor, acc ^ x)
    BRAID_CHAIN_CASE(BitwiseNot, ~acc)
    BRAID_CHAIN_CASE(ShiftLeft, shifted_left(acc, x))
    BRAID_CHAIN_CASE(ShiftRight, shifted_right(acc, x))
    BRAID_CHAIN_CASE(ToFloat, bits_of(static_cast<float>(acc)))
    BRAID_CHAIN_CASE(ToInteger, integer_of(float_of(acc)))
    BRAID_CHAIN_CASE(ToInt32, int32_of(float_of(acc)))
    BRAID_CHAIN_CASE(WrapInt32, static_cast<std::int32_t>(acc))
    BRAID_CHAIN_CASE(WrapInt8, static_cast<std::int8_t>(acc))
    BRAID_CHAIN_CASE(WrapUInt8, static_cast<std::uint8_t>(acc))
    BRAID_CHAIN_CASE(ToBool, C(acc != 0))
    default:
      break;
  }
}

template <class C, int kWidth>
__device__ __forceinline__ void apply(const ChainInstruction& code, Pack<C, kWidth>& value,
                                      const Pack<C, kWidth>& first, const Pack<C, kWidth>& second) {
  switch (code.op) {
    BRAID_CHAIN_CASE(Load, x)
    BRAID_CHAIN_CASE(Add, sum_of(acc, x))
    BRAID_CHAIN_CASE(Sub, difference_of(acc, x))
    BRAID_CHAIN_CASE(Mul, product_of(acc, x))
    BRAID_CHAIN_CASE(Min, is_nan(acc) || acc < x ? acc : x)
    BRAID_CHAIN_CASE(Max, is_nan(acc) || acc > x ? acc : x)
    BRAID_CHAIN_CASE(Equal, C(acc == x))
    BRAID_CHAIN_CASE(Greater, C(acc > x))
    BRAID_CHAIN_CASE(GreaterOrEqual, C(acc >= x))
    BRAID_CHAIN_CASE(Less, C(acc < x))
    BRAID_CHAIN_CASE(LessOrEqual, C(acc <= x))
    BRAID_CHAIN_CASE(And, C(acc != 0 && x != 0))
    BRAID_CHAIN_CASE(Or, C(acc != 0 || x != 0))
    BRAID_CHAIN_CASE(Xor, C((acc != 0) != (x != 0)))
    BRAID_CHAIN_CASE(Where, acc != 0 ? x : y)
    BRAID_CHAIN_CASE(Not, C(acc == 0))
    BRAID_CHAIN_CASE(Neg, negated(acc))
    BRAID_CHAIN_CASE(Abs, acc < 0 ? negated(acc) : acc + C(0))
    BRAID_CHAIN_CASE(Sign, is_nan(acc) ? acc : C(acc > 0) - C(acc < 0))
    BRAID_CHAIN_CASE(Relu, acc < 0 ? C(0) : acc)
    BRAID_CHAIN_CASE(Square, product_of(acc, acc))
    default:
      apply_function(code, value, first, second);
  }
}

#undef BRAID_CHAIN_CASE

/// In a chain of integers, some instructions take floats.
template <int kWidth>
__device__ __forceinline__ void apply_to_either(const ChainInstruction& code,
                                                Pack<Integer, kWidth>& value,
                                                const Pack<Integer, kWidth>& first,
                                                const Pack<Integer, kWidth>& second) {
  if (!code.is_float) return apply(code, value, first, second);
  Pack<float, kWidth> result = floats_of(value);
  apply(code, result, floats_of(first), floats_of(second));
  value = bits_of(result);
}

template <int kWidth>
__device__ __forceinline__ void apply_to_either(const ChainInstruction& code,
                                                Pack<float, kWidth>& value,
                                                const Pack<float, kWidth>& first,
                                                const Pack<float, kWidth>& second) {
  apply(code, value, first, second);
}

}  // namespace braid::cuda
