#pragma once

namespace braid::cuda {

/// A block computes kRows x kColumns results of a matrix product in slices of kDepth; each of its
/// warps kWarpRows x kWarpColumns of them, by 16 x 16.
template <int kRowsOfTile, int kColumnsOfTile, int kDepthOfSlice, int kRowsOfWarp,
          int kColumnsOfWarp, int kBlocksOfProcessor>
struct TensorShape {
  static constexpr int kRows = kRowsOfTile;
  static constexpr int kColumns = kColumnsOfTile;
  static constexpr int kDepth = kDepthOfSlice;
  static constexpr int kWarpRows = kRowsOfWarp;
  static constexpr int kWarpColumns = kColumnsOfWarp;
  static constexpr int kWarpsAcross = kColumns / kWarpColumns;
  static constexpr int kThreads = kRows / kWarpRows * kWarpsAcross * 32;
  static constexpr int kBlocks = kBlocksOfProcessor;
};

/// Slices are 32 deep for factors of 16 bits, and 16 for those of 32: as much memory.
template <int kDepth>
using TensorLargeTile = TensorShape<128, 128, kDepth, 64, 32, 1>;
template <int kDepth>
using TensorMediumTile = TensorShape<64, 64, kDepth, 32, 32, 2>;

}  // namespace braid::cuda
