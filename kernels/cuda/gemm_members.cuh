#pragma once

#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/gemm_members.hpp"
#include "kernels/cuda/tile_place.cuh"
#include "kernels/cuda/tile_product.cuh"

namespace braid::cuda {

template <class T, class Product>
struct GemmMembers {
  using Shape = typename Product::Shape;
  using Args = GemmMembersArgs;
  static constexpr int kThreads = Product::kThreads;
  static constexpr int kBlocks = Product::kBlocks;

  __device__ static void run(const Args& args) {
    BRAID_SHARED(typename Product::Memory, memory);
    const TilePlace<Shape> place(args.rows, args.columns);
    const MatrixIndex index{place.matrix / args.batches, place.matrix % args.batches};

    const T* const a = static_cast<const T*>(args.a.data) + matrix_offset(args.a.strides, index);
    const T* const b = static_cast<const T*>(args.b.data) + matrix_offset(args.b.strides, index);
    StridedLoader<T, Shape, Shape::kRows> load_a(a, args.a.strides.row, args.a.strides.column,
                                                 place.row, args.rows, args.depth);
    StridedLoader<T, Shape, Shape::kColumns> load_b(b, args.b.strides.column, args.b.strides.row,
                                                    place.column, args.columns, args.depth);
    Product product;
    product.run(memory, load_a, load_b, args.depth);
    product.write(memory, EpilogueWriter<T>(args.epilogue, args.y, args.y_strides, index),
                  place.row, place.column, args.rows, args.columns);
  }
};

/// A block computes 32 columns of all rows. Each group of eight lanes reads packs of these columns
/// for four depths at a time, every 128th; the groups' sums are added at the end.
template <class T, int kRows>
struct GemmFewRows {
  using Args = GemmMembersArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = kRows > 8 ? 1 : kRows > 2 ? 2 : 4;
  static constexpr int kWarps = kThreads / 32;
  static constexpr int kColumns = 32;
  static constexpr int kDepthStep = kThreads / 8 * 4;
  struct Partial {
    float sums[kWarps][kRows][kColumns];
  };

  __device__ static void run(const Args& args) {
    BRAID_SHARED(Partial, partial);
    const int column_tiles = (args.columns + kColumns - 1) / kColumns;
    const int matrix = static_cast<int>(blockIdx.x) / column_tiles;
    const MatrixIndex index{matrix / args.batches, matrix % args.batches};
    const int first = static_cast<int>(blockIdx.x) % column_tiles * kColumns;
    Floats sums[kRows];
    add_slices(args, index, first + static_cast<int>(threadIdx.x) % 8 * 4, sums);
    add_lanes(sums, partial);
    __syncthreads();
    const int thread = static_cast<int>(threadIdx.x);
    const int row = thread / 8;
    const int column = thread % 8 * 4;
    if (row >= kRows || row >= args.rows || first + column >= args.columns) return;
    Floats sum{};
    for (int warp = 0; warp < kWarps; ++warp) {
      BRAID_UNROLL
      for (int i = 0; i < 4; ++i)
        sum.at[i] += partial.sums[warp][row][column + i];
    }
    const EpilogueWriter<T> writer(args.epilogue, args.y, args.y_strides, index);
    writer.write(row, first + column, args.columns - first - column, sum);
  }

  __device__ __forceinline__ static void add_slices(const Args& args, MatrixIndex index, int column,
                                                    Floats* sums) {
    const MatrixStrides& a_strides = args.a.strides;
    const MatrixStrides& b_strides = args.b.strides;
    const T* const a = static_cast<const T*>(args.a.data) + matrix_offset(a_strides, index);
    const T* const b = static_cast<const T*>(args.b.data) + matrix_offset(b_strides, index) +
                       column * b_strides.column;
    BRAID_UNROLL
    for (int r = 0; r < kRows; ++r)
      sums[r] = {};
    for (int d = static_cast<int>(threadIdx.x) / 8 * 4; d < args.depth; d += kDepthStep) {
      Floats weights[4];
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k) {
        const int count = d + k < args.depth ? args.columns - column : 0;
        weights[k] = load_some(b + (d + k) * b_strides.row, b_strides.column, count);
      }
      BRAID_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const int count = r < args.rows ? args.depth - d : 0;
        const Floats x =
            load_some(a + r * a_strides.row + d * a_strides.column, a_strides.column, count);
        BRAID_UNROLL
        for (int k = 0; k < 4; ++k) {
          BRAID_UNROLL
          for (int i = 0; i < 4; ++i)
            sums[r].at[i] += x.at[k] * weights[k].at[i];
        }
      }
    }
  }

  // The four groups of a warp add up.
  __device__ __forceinline__ static void add_lanes(Floats* sums, Partial& partial) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    BRAID_UNROLL
    for (int r = 0; r < kRows; ++r) {
      BRAID_UNROLL
      for (int i = 0; i < 4; ++i) {
        float sum = sums[r].at[i];
        sum += __shfl_xor_sync(0xFFFFFFFF, sum, 8);
        sum += __shfl_xor_sync(0xFFFFFFFF, sum, 16);
        if (lane < 8) partial.sums[warp][r][lane * 4 + i] = sum;
      }
    }
  }
};

}  // namespace braid::cuda
