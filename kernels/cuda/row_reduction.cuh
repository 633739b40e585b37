#pragma once

#include "kernels/cuda/integer_arithmetic.cuh"
#include "kernels/cuda/scalar.cuh"

/// Sums and maxima over the threads that share a row, of C: floats, or integers.
namespace braid::cuda {

template <class C>
__device__ __forceinline__ C lowest();
template <>
__device__ __forceinline__ float lowest<float>() {
  return -infinity();
}
template <>
__device__ __forceinline__ Integer lowest<Integer>() {
  return -9223372036854775807LL - 1;
}

struct Sum {
  template <class C = float>
  __device__ __forceinline__ static C neutral() {
    return 0;
  }
  template <class C>
  __device__ __forceinline__ static C of(C x, C y) {
    return sum_of(x, y);
  }
};

/// NaN wins.
struct Maximum {
  template <class C = float>
  __device__ __forceinline__ static C neutral() {
    return lowest<C>();
  }
  template <class C>
  __device__ __forceinline__ static C of(C x, C y) {
    return x > y || x != x ? x : y;
  }
};

/// What `value` comes to over the lanes of a warp; all of them get it.
template <class Op, class C>
__device__ __forceinline__ C over_warp(C value) {
  BRAID_UNROLL
  for (int mask = 16; mask > 0; mask /= 2)
    value = Op::of(value, __shfl_xor_sync(0xFFFFFFFF, value, mask));
  return value;
}

/// The threads that share a row, and its part in shared memory: kWarps warps of a block of
/// kThreads. A thread takes every so many packs of four, and only its own: no barrier is needed for
/// them.
template <int kWarps, int kThreads>
struct RowTeam {
  static constexpr int kTeam = kWarps * 32;
  static constexpr int kRowsPerBlock = kThreads / kTeam;

  __device__ __forceinline__ static int row() {
    return static_cast<int>(blockIdx.x) * kRowsPerBlock + static_cast<int>(threadIdx.x) / kTeam;
  }
  __device__ __forceinline__ static int row_in_block() {
    return static_cast<int>(threadIdx.x) / kTeam;
  }
  __device__ __forceinline__ static int first_pack() {
    return static_cast<int>(threadIdx.x) % kTeam;
  }

  /// What `value` comes to over the team; all threads of the block must call this if a team is
  /// more than a warp.
  template <class Op, class C>
  __device__ __forceinline__ static C combine(C value) {
    value = over_warp<Op>(value);
    if (kWarps == 1) return value;
    struct Parts {
      C of_warp[kWarps];
    };
    BRAID_SHARED(Parts, parts);
    __syncthreads();  // the parts of the call before have been read
    if (threadIdx.x % 32 == 0) parts.of_warp[threadIdx.x / 32] = value;
    __syncthreads();
    value = Op::template neutral<C>();
    BRAID_UNROLL
    for (int i = 0; i < kWarps; ++i)
      value = Op::of(value, parts.of_warp[i]);
    return value;
  }
};

}  // namespace braid::cuda
