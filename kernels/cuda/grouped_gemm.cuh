#pragma once

#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/grouped_gemm.hpp"
#include "kernels/cuda/tile_product.cuh"

namespace braid::cuda {

template <class T, class Product>
struct GroupedGemm {
  using Shape = typename Product::Shape;
  using Args = GroupedGemmArgs;
  static constexpr int kThreads = Product::kThreads;
  // The list takes registers, too.
  static constexpr int kBlocks = (Product::kBlocks + 1) / 2;

  __device__ static void run(const Args& args) {
    BRAID_SHARED(typename Product::Memory, memory);
    for (int tile = static_cast<int>(blockIdx.x); tile < args.tiles;
         tile += static_cast<int>(gridDim.x)) {
      const GroupedProblem& problem = find_problem(args, tile);
      multiply(problem.product, tile - problem.first_tile, memory);
      __syncthreads();  // the next tile writes to the memory that this one reads
    }
  }

  /// The last problem that does not start after the tile.
  __device__ __forceinline__ static const GroupedProblem& find_problem(const Args& args, int tile) {
    int low = 0;
    int high = args.count - 1;
    while (low < high) {
      const int middle = (low + high + 1) / 2;
      if (args.problems[middle].first_tile <= tile) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return args.problems[low];
  }

  __device__ __forceinline__ static void multiply(const GemmMembersArgs& args, int tile,
                                                  typename Product::Memory& memory) {
    const int row_tiles = (args.rows + Shape::kRows - 1) / Shape::kRows;
    const int row = tile % row_tiles * Shape::kRows;
    const int column = tile / row_tiles * Shape::kColumns;
    StridedLoader<T, Shape, Shape::kRows> load_a(static_cast<const T*>(args.a.data),
                                                 args.a.strides.row, args.a.strides.column, row,
                                                 args.rows, args.depth);
    StridedLoader<T, Shape, Shape::kColumns> load_b(static_cast<const T*>(args.b.data),
                                                    args.b.strides.column, args.b.strides.row,
                                                    column, args.columns, args.depth);
    Product product;
    product.run(memory, load_a, load_b, args.depth);
    product.write(memory, EpilogueWriter<T>(args.epilogue, args.y, args.y_strides, {}), row, column,
                  args.rows, args.columns);
  }
};

}  // namespace braid::cuda
