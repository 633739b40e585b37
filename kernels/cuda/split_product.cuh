#pragma once

#include "kernels/cuda/conv_members.cuh"
#include "kernels/cuda/gemm_members.cuh"
#include "kernels/cuda/split_product.hpp"

namespace braid::cuda {

/// Writes the sums of one slice of one matrix. What lies between the columns and the next row is
/// written as well.
struct PartialWriter {
  float* to;
  int pitch;

  __device__ __forceinline__ PartialWriter(const DepthSlices& slices, int index, int rows)
      : to(slices.partials + std::int64_t{index} * rows * slices.pitch), pitch(slices.pitch) {}

  __device__ __forceinline__ void write(int row, int column, int, const Floats& sums) const {
    store_pack(to + std::int64_t{row} * pitch + column, sums);
  }
};

/// The depths of a slice; `matrix` counts slices of matrices, and is left to count matrices.
struct SliceRange {
  int first;
  int depth;

  __device__ __forceinline__ SliceRange(const DepthSlices& slices, int matrices, int depth_of_all,
                                        int& matrix) {
    first = matrix / matrices * slices.depth;
    const int rest = depth_of_all - first;
    depth = rest < slices.depth ? rest : slices.depth;
    matrix %= matrices;
  }
};

/// Depths are cut where there are few tiles: a processor hardly gets more than two blocks at a
/// time, and registers are worth more than room for others.
inline constexpr int kMostSplitBlocks = 2;

template <class T, class Product>
struct SplitGemm {
  using Shape = typename Product::Shape;
  using Args = SplitGemmArgs;
  static constexpr int kThreads = Product::kThreads;
  static constexpr int kBlocks =
      Product::kBlocks < kMostSplitBlocks ? Product::kBlocks : kMostSplitBlocks;

  __device__ static void run(const Args& args) {
    BRAID_SHARED(typename Product::Memory, memory);
    const GemmMembersArgs& gemm = args.product;
    const TilePlace<Shape> place(gemm.rows, gemm.columns);
    int matrix = place.matrix;
    const SliceRange slice(args.slices, gemm.members * gemm.batches, gemm.depth, matrix);
    const MatrixIndex index{matrix / gemm.batches, matrix % gemm.batches};
    const MatrixStrides& a_strides = gemm.a.strides;
    const MatrixStrides& b_strides = gemm.b.strides;
    const T* const a = static_cast<const T*>(gemm.a.data) + matrix_offset(a_strides, index) +
                       slice.first * a_strides.column;
    const T* const b = static_cast<const T*>(gemm.b.data) + matrix_offset(b_strides, index) +
                       slice.first * b_strides.row;
    StridedLoader<T, Shape, Shape::kRows> load_a(a, a_strides.row, a_strides.column, place.row,
                                                 gemm.rows, slice.depth);
    StridedLoader<T, Shape, Shape::kColumns> load_b(b, b_strides.column, b_strides.row,
                                                    place.column, gemm.columns, slice.depth);
    Product product;
    product.run(memory, load_a, load_b, slice.depth);
    product.write(memory, PartialWriter(args.slices, place.matrix, gemm.rows), place.row,
                  place.column, gemm.rows, gemm.columns);
  }
};

/// Slices of the matrix of windows from `first` on.
template <class T, class Shape>
struct WindowSliceLoader {
  WindowLoader<T, Shape> all;
  int first;

  __device__ __forceinline__ WindowSliceLoader(const ConvMembersArgs& conv, const T* x, int pixel,
                                               const SliceRange& slice)
      : all(conv, x, pixel), first(slice.first) {
    all.depth_size = slice.first + slice.depth;
  }

  __device__ __forceinline__ void fetch(int start) { all.fetch(first + start); }

  template <bool kIsDepthFirst, class S>
  __device__ __forceinline__ void store(S* to, int pitch) const {
    all.template store<kIsDepthFirst>(to, pitch);
  }
};

template <class T, class Product>
struct SplitConv {
  using Shape = typename Product::Shape;
  using Args = SplitConvArgs;
  static constexpr int kThreads = Product::kThreads;
  static constexpr int kBlocks =
      Product::kBlocks < kMostSplitBlocks ? Product::kBlocks : kMostSplitBlocks;

  __device__ static void run(const Args& args) {
    BRAID_SHARED(typename Product::Memory, memory);
    const ConvMembersArgs& conv = args.conv;
    const int pixels = conv.images * conv.y_rows * conv.y_columns;
    const TilePlace<Shape> place(pixels, conv.filters);
    int matrix = place.matrix;
    const SliceRange slice(args.slices, conv.members * conv.groups,
                           conv.kernel_rows * conv.kernel_columns * conv.channels, matrix);
    const MatrixIndex index{matrix / conv.groups, matrix % conv.groups};
    const T* const w = static_cast<const T*>(conv.w) + matrix_offset(conv.w_strides, index) +
                       slice.first * conv.w_strides.row;
    WindowSliceLoader<T, Shape> load_x(conv, group_start<T>(conv, index), place.row, slice);
    StridedLoader<T, Shape, Shape::kColumns> load_w(w, conv.w_strides.column, conv.w_strides.row,
                                                    place.column, conv.filters, slice.depth);
    Product product;
    product.run(memory, load_x, load_w, slice.depth);
    product.write(memory, PartialWriter(args.slices, place.matrix, pixels), place.row, place.column,
                  pixels, conv.filters);
  }
};

/// A thread adds up and finishes four columns of a row.
template <class T>
struct PartialSums {
  using Args = PartialSumsArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    int rest = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
    const int packs = args.pitch / 4;
    const int all = args.members * args.batches * args.rows * packs;
    if (rest >= all) return;
    const float* from = args.partials + std::int64_t{rest} * 4;
    Floats sum{};
    for (int slice = 0; slice < args.slices; ++slice, from += std::int64_t{all} * 4) {
      const Floats partial = load_pack(from);
      BRAID_UNROLL
      for (int i = 0; i < 4; ++i)
        sum.at[i] += partial.at[i];
    }
    int row = split(rest, args.by_packs);
    const int column = rest * 4;
    int matrix = split(row, args.by_rows);
    const int member = split(matrix, args.by_batches);
    const EpilogueWriter<T> writer(args.epilogue, args.y, args.y_strides, {member, matrix});
    writer.write(row, column, args.columns - column, sum);
  }
};

}  // namespace braid::cuda
