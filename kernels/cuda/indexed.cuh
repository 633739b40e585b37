#pragma once

#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/find_place.cuh"
#include "kernels/cuda/indexed.hpp"
#include "kernels/cuda/stored.cuh"
#include "kernels/cuda/take_index.cuh"

namespace braid::cuda {

/// The offset that a tuple names, or -1.
__device__ __forceinline__ std::int64_t offset_of_tuple(const IndexTuples& tuples,
                                                        std::int64_t tuple) {
  std::int64_t offset = 0;
  BRAID_UNROLL
  for (int i = 0; i < kIndexedAxes; ++i) {
    if (i >= tuples.length) break;
    const int place =
        find_place(tuples.data, tuples.is_wide, tuple * tuples.length + i, tuples.dims[i]);
    if (place < 0) return -1;
    offset += place * tuples.strides[i];
  }
  return offset;
}

/// One element per thread. T is of its size.
template <class T>
struct GatherAt {
  using Args = GatherAtArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const unsigned thread = blockIdx.x * kThreads + threadIdx.x;
    unsigned rest_of_thread = thread;
    const int element = take_index(rest_of_thread, args.block);
    const auto tuple = static_cast<int>(rest_of_thread);
    if (tuple >= args.count) return;
    std::int64_t from = offset_of_tuple(args.tuples, tuple);
    T value{};
    if (from >= 0) {
      int rest = tuple;
      BRAID_UNROLL
      for (int axis = 0; axis < kIndexedAxes; ++axis) {
        if (axis >= args.axes) break;
        const int outer = split(rest, args.sizes[axis]);
        from += rest * args.place_strides[axis];
        rest = outer;
      }
      value = static_cast<const T*>(args.from)[from + element];
    } else if (args.bad != nullptr) {
      *args.bad = 1;
    }
    static_cast<T*>(args.to)[thread] = value;
  }
};

template <class C>
__device__ __forceinline__ C combine(ScatterReduction reduction, C old, C update) {
  switch (reduction) {
    case ScatterReduction::Add:
      return sum_of(old, update);
    case ScatterReduction::Mul:
      return product_of(old, update);
    case ScatterReduction::Max:
      return old > update || old != old ? old : update;
    case ScatterReduction::Min:
      return old < update || old != old ? old : update;
    default:
      return update;
  }
}

/// One element per thread; T is stored, C is computed with. What no update is meant for keeps its
/// bits.
template <class T, class C>
struct Scatter {
  using Args = ScatterArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (thread >= args.count) return;
    const int element = static_cast<int>(thread) % args.block;
    int rest = static_cast<int>(thread) / args.block;
    std::int64_t tuple = 0;
    std::int64_t offset = 0;
    bool has_candidates = true;
    BRAID_UNROLL
    for (int axis = 0; axis < kIndexedAxes; ++axis) {
      if (axis >= args.axes) break;
      const int outer = split(rest, args.sizes[axis]);
      tuple += rest * args.starts[axis];
      offset += rest * args.offsets[axis];
      has_candidates = has_candidates && rest < args.limits[axis];
      rest = outer;
    }
    const T old = static_cast<const T*>(args.from)[thread];
    static_cast<T*>(args.y)[thread] =
        has_candidates ? updated(args, old, tuple, offset, element) : old;
  }

  __device__ __forceinline__ static T updated(const Args& args, T old, std::int64_t tuple,
                                              std::int64_t offset, int element) {
    C value = to_computed<C>(old);
    bool is_named = false;
    for (int i = 0; i < args.candidates; ++i, tuple += args.step) {
      const std::int64_t named = offset_of_tuple(args.tuples, tuple);
      if (named < 0 && args.bad != nullptr) *args.bad = 1;
      if (named != offset) continue;
      const T update = static_cast<const T*>(args.updates)[tuple * args.block + element];
      value = combine(args.reduction, value, to_computed<C>(update));
      is_named = true;
    }
    return is_named ? Storing<T>::from(value) : old;
  }
};

}  // namespace braid::cuda
