#pragma once

#include "kernels/cuda/scan.hpp"
#include "kernels/cuda/stored.cuh"

namespace braid::cuda {

/// A line of elements, from the first that counts to the last.
template <class T, class C>
struct ScanLine {
  const T* x;
  T* y;
  std::int64_t step;

  __device__ __forceinline__ ScanLine(const ScanArgs& args, std::int64_t line) {
    const std::int64_t first = line / args.inner * args.length * args.inner + line % args.inner +
                               (args.is_reverse ? std::int64_t{args.length - 1} * args.inner : 0);
    x = static_cast<const T*>(args.x) + first;
    y = static_cast<T*>(args.y) + first;
    step = args.is_reverse ? -args.inner : args.inner;
  }

  __device__ __forceinline__ C load(int i) const { return to_computed<C>(x[i * step]); }
  __device__ __forceinline__ void store(int i, C value) const {
    y[i * step] = Storing<T>::from(value);
  }
};

template <class C>
__device__ __forceinline__ C accumulate(const ScanArgs& args, C total, C value) {
  return args.is_product ? product_of(total, value) : sum_of(total, value);
}

/// A line per thread, where lines lie side by side.
template <class T, class C>
struct ScanThread {
  using Args = ScanArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t line = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (line >= std::int64_t{args.outer} * args.inner) return;
    const ScanLine<T, C> elements(args, line);
    C total = args.is_product ? C(1) : C(0);
    for (int i = 0; i < args.length; ++i) {
      const C next = accumulate(args, total, elements.load(i));
      elements.store(i, args.is_exclusive ? total : next);
      total = next;
    }
  }
};

/// A line per warp, 32 elements at a time.
template <class T, class C>
struct ScanWarp {
  using Args = ScanArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t line = (std::int64_t{blockIdx.x} * kThreads + threadIdx.x) / 32;
    if (line >= std::int64_t{args.outer} * args.inner) return;
    const ScanLine<T, C> elements(args, line);
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const C neutral = args.is_product ? C(1) : C(0);
    C total = neutral;
    for (int first = 0; first < args.length; first += 32) {
      const int i = first + lane;
      const C sum = over_lanes(args, lane, i < args.length ? elements.load(i) : neutral);
      const C before = __shfl_up_sync(0xFFFFFFFF, sum, 1);
      const C shown = args.is_exclusive ? (lane == 0 ? neutral : before) : sum;
      if (i < args.length) elements.store(i, accumulate(args, total, shown));
      total = accumulate(args, total, __shfl_sync(0xFFFFFFFF, sum, 31));
    }
  }

  /// The sum of the lanes up to this one.
  __device__ __forceinline__ static C over_lanes(const Args& args, int lane, C value) {
    BRAID_UNROLL
    for (int distance = 1; distance < 32; distance *= 2) {
      const C below = __shfl_up_sync(0xFFFFFFFF, value, distance);
      if (lane >= distance) value = accumulate(args, below, value);
    }
    return value;
  }
};

}  // namespace braid::cuda
