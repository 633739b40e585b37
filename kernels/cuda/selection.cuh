#pragma once

#include "kernels/cuda/row_reduction.cuh"
#include "kernels/cuda/selection.hpp"
#include "kernels/cuda/stored.cuh"

namespace braid::cuda {

/// The larger, the earlier the element is to be chosen: its value, turned into an integer of the
/// same order, then its index. The rank of zeros is below all of them.
struct Rank {
  unsigned long long order;
  unsigned place;
};

__device__ __forceinline__ bool is_larger(const Rank& x, const Rank& y) {
  return x.order != y.order ? x.order > y.order : x.place > y.place;
}

__device__ __forceinline__ unsigned long long order_of(float value) {
  const auto bits = static_cast<unsigned>(__float_as_int(value + 0.0F));  // no negative zero
  const unsigned order = bits >> 31 != 0 ? ~bits : bits | 0x80000000U;
  return static_cast<unsigned long long>(value != value ? 0xFFFFFFFFU : order) << 32;
}

__device__ __forceinline__ unsigned long long order_of(Integer value) {
  return unsigned_of(value) ^ 0x8000000000000000ULL;
}

template <class C>
__device__ __forceinline__ Rank rank_of(C value, int index, const SelectionArgs& args,
                                        bool seeks_nan) {
  const bool is_kept = args.is_largest || (seeks_nan && value != value);
  const unsigned long long order = order_of(value);
  const auto place = static_cast<unsigned>(index);
  return {is_kept ? order : ~order, args.prefers_last ? place + 1 : 0x7FFFFFFFU - place};
}

__device__ __forceinline__ int index_of(const Rank& rank, bool prefers_last) {
  return static_cast<int>(prefers_last ? rank.place - 1 : 0x7FFFFFFFU - rank.place);
}

__device__ __forceinline__ Rank larger(const Rank& x, const Rank& y) {
  return is_larger(x, y) ? x : y;
}

__device__ __forceinline__ Rank largest_of_warp(Rank rank) {
  BRAID_UNROLL
  for (int mask = 16; mask > 0; mask /= 2) {
    rank = larger(rank, {__shfl_xor_sync(0xFFFFFFFF, rank.order, mask),
                         __shfl_xor_sync(0xFFFFFFFF, rank.place, mask)});
  }
  return rank;
}

template <class T>
__device__ __forceinline__ const T* start_of(const SelectionArgs& args, std::int64_t row) {
  return static_cast<const T*>(args.x) + row / args.inner * args.length * args.inner +
         row % args.inner;
}

/// A warp per row. T is stored, C is compared.
template <class T, class C>
struct ArgExtremum {
  using Args = SelectionArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t row = (std::int64_t{blockIdx.x} * kThreads + threadIdx.x) / 32;
    if (row >= std::int64_t{args.outer} * args.inner) return;
    const T* const x = start_of<T>(args, row);
    Rank best{};
    for (int i = static_cast<int>(threadIdx.x) % 32; i < args.length; i += 32)
      best = larger(best, rank_of(to_computed<C>(x[std::int64_t{i} * args.inner]), i, args, true));
    best = largest_of_warp(best);
    if (threadIdx.x % 32 == 0) args.indices[row] = index_of(best, args.prefers_last);
  }
};

/// A block per row, which finds one element after the other.
template <class T, class C>
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
    Rank last{~0ULL, ~0U};
    for (int chosen = 0; chosen < args.k; ++chosen) {
      Rank best{};
      for (int i = static_cast<int>(threadIdx.x); i < args.length; i += kThreads) {
        const Rank rank = rank_of(to_computed<C>(x[std::int64_t{i} * args.inner]), i, args, false);
        if (is_larger(last, rank)) best = larger(best, rank);
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
