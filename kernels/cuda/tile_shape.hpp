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
  /// Registers that a thread may have, and so many blocks of 64 K registers. 64 sums do not fit
  /// into 128 of them before Turing and after Hopper, where addresses take more.
  static constexpr bool kIsWide = kThreadRows * kThreadColumns > 16;
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ < 750 || __CUDA_ARCH__ >= 1000)
  static constexpr int kRegistersOfWide = 168;
#else
  static constexpr int kRegistersOfWide = 128;
#endif
  static constexpr int kRegisters = kIsWide ? kRegistersOfWide : kThreads == 256 ? 84 : 128;
  static constexpr int kBlocks = 65536 / kThreads / kRegisters;
  static_assert(kThreadRows % 4 == 0 && kThreadColumns % 4 == 0, "packs of four");
};

using LargeTile = TileShape<128, 128, 8, 8, 8>;
using MediumTile = TileShape<64, 64, 16, 4, 4>;
using SmallTile = TileShape<32, 32, 16, 4, 4>;

}  // namespace braid::cuda
