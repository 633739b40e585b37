#pragma once

#include "kernels/cuda/device.cuh"

namespace braid::cuda {

/// Which tile of which matrix a block computes. Tiles of rows follow each other first: blocks that
/// run together share the columns of the right factor.
template <class Shape>
struct TilePlace {
  int row;
  int column;
  int matrix;

  __device__ __forceinline__ TilePlace(int rows, int columns) {
    const int row_tiles = (rows + Shape::kRows - 1) / Shape::kRows;
    const int column_tiles = (columns + Shape::kColumns - 1) / Shape::kColumns;
    int rest = static_cast<int>(blockIdx.x);
    row = rest % row_tiles * Shape::kRows;
    rest /= row_tiles;
    column = rest % column_tiles * Shape::kColumns;
    matrix = rest / column_tiles;
  }
};

}  // namespace braid::cuda
