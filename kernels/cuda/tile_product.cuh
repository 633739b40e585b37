#pragma once

#include "kernels/cuda/scalar.cuh"
#include "kernels/cuda/tile_shape.hpp"

/// The product of two matrices, tile by tile, with the sums in registers. While a block multiplies
/// one slice of the depth, the next one is on its way from memory.
namespace braid::cuda {

/// The slices of two stages. Four more elements per row keep packs aligned and spread the writes
/// of transposed slices over the banks.
template <class Shape>
struct TileMemory {
  float a[2][Shape::kDepth][Shape::kRows + 4];
  float b[2][Shape::kDepth][Shape::kColumns + 4];
};

/// Brings slices of a matrix, kOuter x kDepth, into shared memory, where the depth comes first.
/// What is outside of the matrix is 0.
template <class T, class Shape, int kOuter>
struct StridedLoader {
  static constexpr int kDepth = Shape::kDepth;
  static constexpr int kPacks = kOuter * kDepth / (4 * Shape::kThreads);
  static_assert(kPacks * 4 * Shape::kThreads == kOuter * kDepth, "each thread loads as much");

  const T* from;
  std::int64_t outer_stride;
  std::int64_t depth_stride;
  int outer_size;
  int depth_size;
  bool is_along_depth;  // whether a pack is of consecutive depths
  bool is_packed;       // whether packs can be loaded as such
  Floats packs[kPacks];

  /// `first` is the outer index at which the tile starts.
  __device__ __forceinline__ StridedLoader(const T* matrix, std::int64_t stride_of_outer,
                                           std::int64_t stride_of_depth, int first, int outer,
                                           int depth)
      : from(matrix + first * stride_of_outer),
        outer_stride(stride_of_outer),
        depth_stride(stride_of_depth),
        outer_size(outer - first),
        depth_size(depth),
        is_along_depth(stride_of_depth == 1) {
    const std::int64_t across = is_along_depth ? outer_stride : depth_stride;
    is_packed = (is_along_depth || outer_stride == 1) && across % 4 == 0 && is_pack_aligned(from);
  }

  __device__ __forceinline__ int outer_of(int pack) const {
    const int index = static_cast<int>(threadIdx.x) + pack * Shape::kThreads;
    return is_along_depth ? index / (kDepth / 4) : index % (kOuter / 4) * 4;
  }

  __device__ __forceinline__ int depth_of(int pack) const {
    const int index = static_cast<int>(threadIdx.x) + pack * Shape::kThreads;
    return is_along_depth ? index % (kDepth / 4) * 4 : index / (kOuter / 4);
  }

  /// Starts to load the slice at `start`.
  __device__ __forceinline__ void fetch(int start) {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i) {
      const int outer = outer_of(i);
      const int depth = start + depth_of(i);
      const int count = is_along_depth ? (outer < outer_size ? depth_size - depth : 0)
                                       : (depth < depth_size ? outer_size - outer : 0);
      const T* at = from + outer * outer_stride + depth * depth_stride;
      if (count >= 4 && is_packed) {
        packs[i] = load_pack(at);
        continue;
      }
      const std::int64_t step = is_along_depth ? depth_stride : outer_stride;
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k)
        packs[i].at[k] = k < count ? to_float(at[k * step]) : 0.0F;
    }
  }

  __device__ __forceinline__ void store(float (*to)[kOuter + 4]) const {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i) {
      const int outer = outer_of(i);
      const int depth = depth_of(i);
      if (!is_along_depth) {
        *reinterpret_cast<Floats*>(&to[depth][outer]) = packs[i];
        continue;
      }
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k)
        to[depth + k][outer] = packs[i].at[k];
    }
  }
};

template <class Shape>
struct TileProduct {
  float sums[Shape::kThreadRows][Shape::kThreadColumns];

  // A thread's results are pieces of four, one of each part of the tile: neighbours in a warp read
  // neighbouring packs of shared memory.
  __device__ __forceinline__ static int row_of(int i) {
    const int down = static_cast<int>(threadIdx.x) / Shape::kThreadsAcross;
    return i / 4 * (4 * Shape::kThreadsDown) + down * 4 + i % 4;
  }
  __device__ __forceinline__ static int column_of(int j) {
    const int across = static_cast<int>(threadIdx.x) % Shape::kThreadsAcross;
    return j / 4 * (4 * Shape::kThreadsAcross) + across * 4 + j % 4;
  }

  __device__ __forceinline__ void multiply(const TileMemory<Shape>& memory, int stage) {
    BRAID_UNROLL
    for (int d = 0; d < Shape::kDepth; ++d) {
      Floats a[Shape::kThreadRows / 4];
      Floats b[Shape::kThreadColumns / 4];
      BRAID_UNROLL
      for (int i = 0; i < Shape::kThreadRows / 4; ++i)
        a[i] = *reinterpret_cast<const Floats*>(&memory.a[stage][d][row_of(4 * i)]);
      BRAID_UNROLL
      for (int j = 0; j < Shape::kThreadColumns / 4; ++j)
        b[j] = *reinterpret_cast<const Floats*>(&memory.b[stage][d][column_of(4 * j)]);
      BRAID_UNROLL
      for (int i = 0; i < Shape::kThreadRows; ++i) {
        BRAID_UNROLL
        for (int j = 0; j < Shape::kThreadColumns; ++j)
          sums[i][j] += a[i / 4].at[i % 4] * b[j / 4].at[j % 4];
      }
    }
  }

  /// The sums over depths 0 to `depth`.
  template <class LoaderA, class LoaderB>
  __device__ __forceinline__ void run(TileMemory<Shape>& memory, LoaderA& a, LoaderB& b,
                                      int depth) {
    BRAID_UNROLL
    for (int i = 0; i < Shape::kThreadRows; ++i) {
      BRAID_UNROLL
      for (int j = 0; j < Shape::kThreadColumns; ++j)
        sums[i][j] = 0.0F;
    }
    a.fetch(0);
    b.fetch(0);
    a.store(memory.a[0]);
    b.store(memory.b[0]);
    __syncthreads();
    int stage = 0;
    for (int start = Shape::kDepth; start < depth; start += Shape::kDepth) {
      a.fetch(start);
      b.fetch(start);
      multiply(memory, stage);
      stage ^= 1;
      a.store(memory.a[stage]);
      b.store(memory.b[stage]);
      __syncthreads();
    }
    multiply(memory, stage);
  }

  /// Gives `writer` what lies inside a matrix of `rows` and `columns`; the tile starts at `row`
  /// and `column`.
  template <class Writer>
  __device__ __forceinline__ void write(const Writer& writer, int row, int column, int rows,
                                        int columns) const {
    BRAID_UNROLL
    for (int i = 0; i < Shape::kThreadRows; ++i) {
      const int r = row + row_of(i);
      if (r >= rows) continue;
      BRAID_UNROLL
      for (int j = 0; j < Shape::kThreadColumns; j += 4) {
        const int c = column + column_of(j);
        if (c >= columns) continue;
        writer.write(r, c, columns - c,
                     {sums[i][j], sums[i][j + 1], sums[i][j + 2], sums[i][j + 3]});
      }
    }
  }
};

}  // namespace braid::cuda
