#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/elementwise.hpp"
#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/stored.cuh"

namespace braid::cuda {

template <class C>
__device__ __forceinline__ bool is_nan(C x) {
  return x != x;
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
template <class C, int kWidth>
__device__ __forceinline__ void apply_function(const ChainInstruction& code, Pack<C, kWidth>& value,
                                               const Pack<C, kWidth>& first,
                                               const Pack<C, kWidth>& second) {
  switch (code.op) {
    BRAID_CHAIN_CASE(Div, acc / x)
    BRAID_CHAIN_CASE(Pow, powf(acc, x))
    BRAID_CHAIN_CASE(PRelu, acc < 0 ? acc * x : acc)
    BRAID_CHAIN_CASE(Affine, code.a * acc + code.b)
    BRAID_CHAIN_CASE(Clip, clip(acc, code.a, code.b))
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
    default:
      break;
  }
}

/// Integers have but this one.
template <int kWidth>
__device__ __forceinline__ void apply_function(const ChainInstruction&,
                                               Pack<Integer, kWidth>& value,
                                               const Pack<Integer, kWidth>& divisor,
                                               const Pack<Integer, kWidth>&) {
  BRAID_UNROLL
  for (int i = 0; i < kWidth; ++i)
    value.at[i] = divisor.at[i] == 0 ? 0 : value.at[i] / divisor.at[i];
}

template <class C, int kWidth>
__device__ __forceinline__ void apply(const ChainInstruction& code, Pack<C, kWidth>& value,
                                      const Pack<C, kWidth>& first, const Pack<C, kWidth>& second) {
  switch (code.op) {
    BRAID_CHAIN_CASE(Load, x)
    BRAID_CHAIN_CASE(Add, acc + x)
    BRAID_CHAIN_CASE(Sub, acc - x)
    BRAID_CHAIN_CASE(Mul, acc * x)
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
    BRAID_CHAIN_CASE(Neg, -acc)
    BRAID_CHAIN_CASE(Abs, acc < 0 ? -acc : acc + C(0))
    BRAID_CHAIN_CASE(Sign, is_nan(acc) ? acc : C(acc > 0) - C(acc < 0))
    BRAID_CHAIN_CASE(Relu, acc < 0 ? C(0) : acc)
    BRAID_CHAIN_CASE(Square, acc * acc)
    default:
      apply_function(code, value, first, second);
  }
}

#undef BRAID_CHAIN_CASE

/// A thread computes kWidth elements that follow each other, in C. Registers are in shared memory:
/// in registers of the thread they could not be indexed by a program. Where inputs are broadcast,
/// the innermost axis is a multiple of kWidth.
template <class C, int kWidth>
struct Chain {
  using Args = ChainArgs;
  using Value = Pack<C, kWidth>;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    BRAID_DYNAMIC_SHARED(Value, registers);
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t first = thread * kWidth;
    if (first >= args.count) return;
    Value acc{};
    for (int i = 0; i < args.instructions; ++i) {
      const ChainInstruction& code = args.program[i];
      if (code.op == ChainOp::Store) {
        registers[code.x * kThreads + threadIdx.x] = acc;
        continue;
      }
      Value x = operand(args, registers, code.x, static_cast<int>(first));
      const Value y = operand(args, registers, code.y, static_cast<int>(first));
      if (code.is_reversed) {
        const Value swapped = acc;
        acc = x;
        x = swapped;
      }
      apply(code, acc, x, y);
    }
    const std::int64_t left = args.count - first;
    store_stored(args.y, args.stored, first, left < kWidth ? static_cast<int>(left) : kWidth, acc);
  }

  __device__ __forceinline__ static Value operand(const Args& args, const Value* registers,
                                                  int index, int first) {
    if (index == kNoOperand) return {};
    if (index >= kChainInputs)
      return registers[(index - kChainInputs) * kThreads + static_cast<int>(threadIdx.x)];
    const ChainInput& input = args.inputs[index];
    if (input.is_whole) return whole(args, input, first);
    std::int64_t offset = 0;
    int rest = first;
    for (int axis = 0; axis < args.axes; ++axis) {
      const int outer = split(rest, args.sizes[axis]);
      offset += std::int64_t{rest} * input.strides[axis];
      rest = outer;
    }
    return load_stored<C, kWidth>(input.data, input.stored, offset, input.strides[0]);
  }

  // The last elements may be fewer than a pack.
  __device__ __forceinline__ static Value whole(const Args& args, const ChainInput& input,
                                                int first) {
    if (args.count - first >= kWidth)
      return load_stored<C, kWidth>(input.data, input.stored, first, 1);
    Value value{};
    for (int i = 0; i < kWidth && first + i < args.count; ++i)
      value.at[i] = load_stored<C, 1>(input.data, input.stored, first + i, 1).at[0];
    return value;
  }
};

}  // namespace braid::cuda
