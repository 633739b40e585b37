#pragma once

#include "kernels/cuda/row_reduction.cuh"
#include "kernels/cuda/selection.hpp"

namespace braid::cuda {

using Rank = unsigned long long;

/// A number that is the larger the earlier the element is to be chosen: its value, turned into an
/// integer of the same order, then its index. 0 is below all of them.
__device__ __forceinline__ Rank rank_of(float value, int index, const SelectionArgs& args,
                                        bool seeks_nan) {
  const auto bits = static_cast<unsigned>(__float_as_int(value + 0.0F));  // no negative zero
  unsigned order = bits >> 31 != 0 ? ~bits : bits | 0x80000000U;
  if (value != value) order = 0xFFFFFFFFU;
  const bool is_kept = args.is_largest || (seeks_nan && value != value);
  if (!is_kept) order = ~order;
  const auto place = static_cast<unsigned>(index);
  return (static_cast<Rank>(order) << 32) + (args.prefers_last ? place + 1 : ~place);
}

__device__ __forceinline__ Rank larger(Rank x, Rank y) {
  return x > y ? x : y;
}

__device__ __forceinline__ Rank largest_of_warp(Rank rank) {
  BRAID_UNROLL
  for (int mask = 16; mask > 0; mask /= 2)
    rank = larger(rank, __shfl_xor_sync(0xFFFFFFFF, rank, mask));
  return rank;
}

__device__ __forceinline__ int index_of(Rank rank, bool prefers_last) {
  const auto low = static_cast<unsigned>(rank);
  return static_cast<int>(prefers_last ? low - 1 : ~low);
}

template <class T>
__device__ __forceinline__ const T* start_of(const SelectionArgs& args, std::int64_t row) {
  return static_cast<const T*>(args.x) + row / args.inner * args.length * args.inner +
         row % args.inner;
}

/// A warp per row.
template <class T>
struct ArgExtremum {
  using Args = SelectionArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t row = (std::int64_t{blockIdx.x} * kThreads + threadIdx.x) / 32;
    if (row >= std::int64_t{args.outer} * args.inner) return;
    const T* const x = start_of<T>(args, row);
    Rank best = 0;
    for (int i = static_cast<int>(threadIdx.x) % 32; i < args.length; i += 32)
      best = larger(best, rank_of(to_float(x[std::int64_t{i} * args.inner]), i, args, true));
    best = largest_of_warp(best);
    if (threadIdx.x % 32 == 0) args.indices[row] = index_of(best, args.prefers_last);
  }
};

/// A block per row, which finds one element after the other.
template <class T>
struct TopK {
  using Args = SelectionArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;
  struct Parts {
    Rank of_warp[kThreads / 32];
  };

  __device__ static void run(const Args& args) {
    BRAID_SHARED(Parts, parts);
    const std::int64_t row = blockIdx.x;
    const T* const x = start_of<T>(args, row);
    const std::int64_t start = row / args.inner * args.k * args.inner + row % args.inner;
    Rank last = ~Rank{0};
    for (int chosen = 0; chosen < args.k; ++chosen) {
      Rank best = 0;
      for (int i = static_cast<int>(threadIdx.x); i < args.length; i += kThreads) {
        const Rank rank = rank_of(to_float(x[std::int64_t{i} * args.inner]), i, args, false);
        if (rank < last) best = larger(best, rank);
      }
      best = largest_of_warp(best);
      if (threadIdx.x % 32 == 0) parts.of_warp[threadIdx.x / 32] = best;
      __syncthreads();
      last = parts.of_warp[0];
      BRAID_UNROLL
      for (int i = 1; i < kThreads / 32; ++i)
        last = larger(last, parts.of_warp[i]);
      __syncthreads();
      if (threadIdx.x != 0) continue;
      const int index = index_of(last, false);
      args.indices[start + std::int64_t{chosen} * args.inner] = index;
      static_cast<T*>(args.values)[start + std::int64_t{chosen} * args.inner] =
          x[std::int64_t{index} * args.inner];
    }
  }
};

}  // namespace braid::cuda
