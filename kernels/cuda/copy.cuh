#pragma once

#include "kernels/cuda/copy.hpp"
#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

/// One element per thread, in the order of the target. T is of the element's size.
template <class T>
struct Copy {
  using Args = CopyArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (thread >= args.count) return;
    int rest = static_cast<int>(thread);
    std::int64_t from = 0;
    std::int64_t to = 0;
    BRAID_UNROLL
    for (int axis = 0; axis < kCopyAxes; ++axis) {
      if (axis >= args.axes) break;
      const int outer = split(rest, args.sizes[axis]);
      from += rest * args.from_strides[axis];
      to += rest * args.to_strides[axis];
      rest = outer;
    }
    static_cast<T*>(args.to)[to] = static_cast<const T*>(args.from)[from];
  }
};

/// Tiles of 32 x 32 elements of axes 0 and 1, by way of shared memory: source and target are both
/// touched along their adjacent axis.
template <class T>
struct CopyTiled {
  using Args = CopyArgs;
  static constexpr int kTile = 32;
  static constexpr int kRows = 8;  // of a tile at a time
  static constexpr int kThreads = kTile * kRows;
  static constexpr int kBlocks = 4;
  struct Tile {
    T at[kTile][kTile + 1];
  };

  __device__ static void run(const Args& args) {
    BRAID_SHARED(Tile, tile);
    const int inner = static_cast<int>(args.sizes[0].divisor);
    const int outer = static_cast<int>(args.sizes[1].divisor);
    const int across = (inner + kTile - 1) / kTile;
    const int down = (outer + kTile - 1) / kTile;
    const int first_inner = static_cast<int>(blockIdx.x) % across * kTile;
    int rest = static_cast<int>(blockIdx.x) / across;
    const int first_outer = rest % down * kTile;
    rest /= down;
    std::int64_t from = 0;
    std::int64_t to = 0;
    BRAID_UNROLL
    for (int axis = 2; axis < kCopyAxes; ++axis) {
      if (axis >= args.axes) break;
      const int next = split(rest, args.sizes[axis]);
      from += rest * args.from_strides[axis];
      to += rest * args.to_strides[axis];
      rest = next;
    }
    const int lane = static_cast<int>(threadIdx.x) % kTile;
    for (int i = static_cast<int>(threadIdx.x) / kTile; i < kTile; i += kRows) {
      if (first_inner + i < inner && first_outer + lane < outer)
        tile.at[i][lane] =
            static_cast<const T*>(args.from)[from + (first_inner + i) * args.from_strides[0] +
                                             (first_outer + lane) * args.from_strides[1]];
    }
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x) / kTile; i < kTile; i += kRows) {
      if (first_inner + lane < inner && first_outer + i < outer)
        static_cast<T*>(args.to)[to + (first_inner + lane) * args.to_strides[0] +
                                 (first_outer + i) * args.to_strides[1]] = tile.at[lane][i];
    }
  }
};

/// One element of the target per thread.
template <class T>
struct PadCopy {
  using Args = PadArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (thread >= args.count) return;
    int rest = static_cast<int>(thread);
    std::int64_t from = 0;
    bool is_inside = true;
    BRAID_UNROLL
    for (int axis = 0; axis < kCopyAxes; ++axis) {
      if (axis >= args.axes) break;
      const int outer = split(rest, args.sizes[axis]);
      int index = rest - args.before[axis];
      const int size = args.from_sizes[axis];
      if (index < 0 || index >= size) {
        is_inside = is_inside && args.mode != PadMode::Constant;
        index = place(args.mode, index, size);
      }
      from += index * args.from_strides[axis];
      rest = outer;
    }
    static_cast<T*>(args.to)[thread] =
        is_inside ? static_cast<const T*>(args.from)[from] : static_cast<T>(args.value);
  }

  /// Where an index outside of [0, size) finds its element.
  __device__ __forceinline__ static int place(PadMode mode, int index, int size) {
    if (mode == PadMode::Edge) return index < 0 ? 0 : size - 1;
    if (mode == PadMode::Wrap) return (index % size + size) % size;
    if (mode == PadMode::Constant || size == 1) return 0;
    const int period = 2 * (size - 1);
    const int folded = (index % period + period) % period;
    return folded < size ? folded : period - folded;
  }
};

}  // namespace braid::cuda
