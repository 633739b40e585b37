#pragma once

namespace braid::cuda {

/// A block computes kRows x kColumns results of a matrix product in slices of kDepth, a thread
/// kThreadRows x kThreadColumns of them.
template <int kRowsOfTile, int kColumnsOfTile, int kDepthOfSlice, int kRowsOfThread,
          int kColumnsOfThread>
struct TileShape {
  static constexpr int kRows = kRowsOfTile;
  static constexpr int kColumns = kColumnsOfTile;
  static constexpr int kDepth = kDepthOfSlice;
  static constexpr int kThreadRows = kRowsOfThread;
  static constexpr int kThreadColumns = kColumnsOfThread;
  static constexpr int kThreadsAcross = kColumns / kThreadColumns;
  static constexpr int kThreadsDown = kRows / kThreadRows;
  static constexpr int kThreads = kThreadsAcross * kThreadsDown;
  /// Registers that a thread may have, and so many blocks of 64 K registers.
  static constexpr int kRegisters =
      kThreads == 256 && kThreadRows * kThreadColumns == 16 ? 84 : 128;
  static constexpr int kBlocks = 65536 / kThreads / kRegisters;
  static_assert(kThreadRows % 4 == 0 && kThreadColumns % 4 == 0, "packs of four");
};

using LargeTile = TileShape<128, 128, 8, 8, 8>;
using MediumTile = TileShape<64, 64, 16, 4, 4>;
using SmallTile = TileShape<32, 32, 16, 4, 4>;

}  // namespace braid::cuda
