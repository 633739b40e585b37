#pragma once

#include "kernels/cuda/chain_operators.cuh"
#include "kernels/cuda/elementwise.hpp"
#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/stored.cuh"

namespace braid::cuda {

/// A thread computes kWidth elements that follow each other, in C. Registers are in shared memory:
/// in registers of the thread they could not be indexed by a program. Where inputs are broadcast,
/// the innermost axis is a multiple of kWidth.
template <class C, int kWidth>
struct Chain {
  using Args = ChainArgs;
  using Value = Pack<C, kWidth>;
  static constexpr bool kIsInteger = sizeof(C) == sizeof(Integer);
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = kIsInteger ? 4 : 8;  // twice the bits

  __device__ static void run(const Args& args) {
    BRAID_DYNAMIC_SHARED(Value, registers);
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t first = thread * kWidth;
    if (first >= args.count) return;
    const std::int64_t left = args.count - first;
    const int count = left < kWidth ? static_cast<int>(left) : kWidth;
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
      if (divides(code)) report_zeros(args, x, count);
      apply_to_either(code, acc, x, y);
    }
    store(args, first, count, acc);
  }

  __device__ __forceinline__ static bool divides(const ChainInstruction& code) {
    const bool is_division =
        code.op == ChainOp::Div || code.op == ChainOp::Mod || code.op == ChainOp::Fmod;
    return kIsInteger && is_division && !code.is_float;
  }

  __device__ __forceinline__ static void report_zeros(const Args& args, const Value& divisors,
                                                      int count) {
    if (args.bad == nullptr) return;
    BRAID_UNROLL
    for (int i = 0; i < kWidth; ++i)
      if (i < count && divisors.at[i] == 0) *args.bad = 1;
  }

  template <int kCount>
  __device__ __forceinline__ static Pack<C, kCount> load(const ChainInput& input,
                                                         std::int64_t offset, int stride) {
    if constexpr (kIsInteger) {
      if (is_floating(input.stored))
        return bits_of(load_stored<float, kCount>(input.data, input.stored, offset, stride));
    }
    return load_stored<C, kCount>(input.data, input.stored, offset, stride);
  }

  __device__ __forceinline__ static void store(const Args& args, std::int64_t first, int count,
                                               const Value& value) {
    if constexpr (kIsInteger) {
      if (is_floating(args.stored))
        return store_stored(args.y, args.stored, first, count, floats_of(value));
    }
    store_stored(args.y, args.stored, first, count, value);
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
    return load<kWidth>(input, offset, input.strides[0]);
  }

  // The last elements may be fewer than a pack.
  __device__ __forceinline__ static Value whole(const Args& args, const ChainInput& input,
                                                int first) {
    if (args.count - first >= kWidth) return load<kWidth>(input, first, 1);
    Value value{};
    for (int i = 0; i < kWidth && first + i < args.count; ++i)
      value.at[i] = load<1>(input, first + i, 1).at[0];
    return value;
  }
};

}  // namespace braid::cuda
