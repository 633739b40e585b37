#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/reverse_sequence.hpp"

namespace braid::cuda {

/// One element per thread. T is of its size.
template <class T>
struct ReverseSequence {
  using Args = ReverseSequenceArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t second_stride = args.inner;
    const std::int64_t first_stride = std::int64_t{args.middle} * args.second * args.inner;
    const std::int64_t block = thread / first_stride;
    if (block >= std::int64_t{args.outer} * args.first) return;
    const int first = static_cast<int>(block % args.first);
    const int second = static_cast<int>(thread / second_stride % args.second);
    const int time = args.is_time_first ? first : second;
    const std::int64_t length = length_of(args, args.is_time_first ? second : first);
    const int steps = args.is_time_first ? args.first : args.second;
    if ((length < 0 || length > steps) && args.bad != nullptr) *args.bad = 1;
    const bool is_reversed = time < length && length <= steps;
    const std::int64_t from = is_reversed ? length - 1 - time : time;
    const std::int64_t stride = args.is_time_first ? first_stride : second_stride;
    static_cast<T*>(args.to)[thread] =
        static_cast<const T*>(args.from)[thread + (from - time) * stride];
  }

  __device__ __forceinline__ static std::int64_t length_of(const Args& args, int sequence) {
    return args.is_wide ? static_cast<const std::int64_t*>(args.lengths)[sequence]
                        : static_cast<const std::int32_t*>(args.lengths)[sequence];
  }
};

}  // namespace braid::cuda
