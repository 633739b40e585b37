#pragma once

#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/reduce.hpp"
#include "kernels/cuda/row_reduction.cuh"
#include "kernels/cuda/stored.cuh"

namespace braid::cuda {

struct Minimum {
  template <class C>
  __device__ __forceinline__ static C neutral() {
    return -1 - lowest<C>();  // the largest integer, or infinity
  }
  template <class C>
  __device__ __forceinline__ static C of(C x, C y) {
    return x < y || x != x ? x : y;
  }
};

struct Product {
  template <class C>
  __device__ __forceinline__ static C neutral() {
    return 1;
  }
  template <class C>
  __device__ __forceinline__ static C of(C x, C y) {
    return product_of(x, y);
  }
};

__device__ __forceinline__ std::int64_t offset_of(const ReduceAxes& axes, int index) {
  std::int64_t offset = 0;
  BRAID_UNROLL
  for (int axis = 0; axis < kReduceAxes; ++axis) {
    if (axis >= axes.count) break;
    const int outer = split(index, axes.sizes[axis]);
    offset += index * axes.strides[axis];
    index = outer;
  }
  return offset;
}

/// What an element counts for; `base` is the largest one, for LogSumExp.
__device__ __forceinline__ float prepare(Reduction reduction, float x, float base) {
  switch (reduction) {
    case Reduction::SumSquare:
    case Reduction::L2:
      return x * x;
    case Reduction::L1:
      return fabsf(x);
    case Reduction::LogSumExp:
      return expf(x - base);
    default:
      return x;
  }
}

__device__ __forceinline__ Integer prepare(Reduction reduction, Integer x, Integer) {
  if (reduction == Reduction::SumSquare) return product_of(x, x);
  return reduction == Reduction::L1 && x < 0 ? negated(x) : x;
}

__device__ __forceinline__ float finish(Reduction reduction, float x, float base, int length) {
  switch (reduction) {
    case Reduction::Mean:
      return x / static_cast<float>(length);
    case Reduction::L2:
      return sqrtf(x);
    case Reduction::LogSum:
      return logf(x);
    case Reduction::LogSumExp:
      return base + logf(x);
    default:
      return x;
  }
}

__device__ __forceinline__ Integer finish(Reduction reduction, Integer x, Integer, int length) {
  return reduction == Reduction::Mean ? quotient(x, length) : x;
}

/// kWarps warps per result, or one thread if there are none: then neighbouring results lie side by
/// side. T is stored, C is computed with.
template <class T, class C, int kWarps>
struct Reduce {
  using Args = ReduceArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;
  static constexpr bool kIsAlone = kWarps == 0;
  using Team = RowTeam<kIsAlone ? 1 : kWarps, kThreads>;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t result = kIsAlone ? thread : Team::row();
    if (result >= args.results) return;
    const T* const x =
        static_cast<const T*>(args.x) + offset_of(args.kept, static_cast<int>(result));
    const C base = base_of(args, x);
    const C value = finish(args.reduction, reduce(args, x, base), base, args.length);
    if (kIsAlone || Team::first_pack() == 0)
      static_cast<T*>(args.y)[result] = Storing<T>::from(value);
  }

  // Infinite elements are left to the exponential, as those of a softmax are not.
  __device__ __forceinline__ static C base_of(const Args& args, const T* x) {
    if (args.reduction != Reduction::LogSumExp) return 0;
    const C largest = combine<Maximum>(args, x, Reduction::Max, 0);
    return largest - largest == 0 ? largest : 0;
  }

  __device__ __forceinline__ static C reduce(const Args& args, const T* x, C base) {
    switch (args.reduction) {
      case Reduction::Max:
        return combine<Maximum>(args, x, args.reduction, base);
      case Reduction::Min:
        return combine<Minimum>(args, x, args.reduction, base);
      case Reduction::Prod:
        return combine<Product>(args, x, args.reduction, base);
      default:
        return combine<Sum>(args, x, args.reduction, base);
    }
  }

  template <class Op>
  __device__ __forceinline__ static C combine(const Args& args, const T* x, Reduction reduction,
                                              C base) {
    C value = Op::template neutral<C>();
    const int first = kIsAlone ? 0 : Team::first_pack();
    const int step = kIsAlone ? 1 : Team::kTeam;
    if (args.reduced.count == 1) {
      const std::int64_t stride = args.reduced.strides[0];
      for (int i = first; i < args.length; i += step)
        value = Op::of(value, prepare(reduction, to_computed<C>(x[i * stride]), base));
    } else {
      for (int i = first; i < args.length; i += step)
        value =
            Op::of(value, prepare(reduction, to_computed<C>(x[offset_of(args.reduced, i)]), base));
    }
    return kIsAlone ? value : Team::template combine<Op>(value);
  }
};

}  // namespace braid::cuda
