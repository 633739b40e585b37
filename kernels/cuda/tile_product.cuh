#pragma once

#include "kernels/cuda/tile_loader.cuh"
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

template <class S>
struct TileProduct {
  using Shape = S;
  using Memory = TileMemory<Shape>;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocks = Shape::kBlocks;

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

  __device__ __forceinline__ void multiply(const Memory& memory, int stage) {
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
  __device__ __forceinline__ void run(Memory& memory, LoaderA& a, LoaderB& b, int depth) {
    BRAID_UNROLL
    for (int i = 0; i < Shape::kThreadRows; ++i) {
      BRAID_UNROLL
      for (int j = 0; j < Shape::kThreadColumns; ++j)
        sums[i][j] = 0.0F;
    }
    a.fetch(0);
    b.fetch(0);
    store(memory, 0, a, b);
    __syncthreads();
    int stage = 0;
    for (int start = Shape::kDepth; start < depth; start += Shape::kDepth) {
      a.fetch(start);
      b.fetch(start);
      multiply(memory, stage);
      stage ^= 1;
      store(memory, stage, a, b);
      __syncthreads();
    }
    multiply(memory, stage);
  }

  template <class LoaderA, class LoaderB>
  __device__ __forceinline__ static void store(Memory& memory, int stage, const LoaderA& a,
                                               const LoaderB& b) {
    a.template store<true>(&memory.a[stage][0][0], Shape::kRows + 4);
    b.template store<true>(&memory.b[stage][0][0], Shape::kColumns + 4);
  }

  /// Gives `writer` what lies inside a matrix of `rows` and `columns`; the tile starts at `row`
  /// and `column`. The loop is kept, as the writer is long.
  template <class Writer>
  __device__ __forceinline__ void write(Memory&, const Writer& writer, int row, int column,
                                        int rows, int columns) const {
    BRAID_ROLL
    for (int piece = 0; piece < Shape::kThreadRows * kPieces; ++piece) {
      const int r = row + row_of(piece / kPieces);
      const int c = column + column_of(piece % kPieces * 4);
      const Floats value = sums_of(piece);
      if (r < rows && c < columns) writer.write(r, c, columns - c, value);
    }
  }

  static constexpr int kPieces = Shape::kThreadColumns / 4;  // of a row

  // Registers cannot be indexed: all are looked at, and one piece is taken.
  __device__ __forceinline__ Floats sums_of(int piece) const {
    Floats value{};
    BRAID_UNROLL
    for (int i = 0; i < Shape::kThreadRows; ++i) {
      BRAID_UNROLL
      for (int j = 0; j < Shape::kThreadColumns; ++j)
        if (i * kPieces + j / 4 == piece) value.at[j % 4] = sums[i][j];
    }
    return value;
  }
};

}  // namespace braid::cuda
