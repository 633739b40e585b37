#pragma once

namespace braid::cuda {

/// A block takes kQueries queries of heads of up to kSize, and keys in tiles of kKeys.
template <int kSizeOfHead, int kQueriesOfBlock, int kBlocksOfProcessor>
struct AttentionShape {
  static constexpr int kSize = kSizeOfHead;
  static constexpr int kQueries = kQueriesOfBlock;
  static constexpr int kKeys = 32;
  static constexpr int kThreadsDown = 16;
  static constexpr int kThreads = 8 * kThreadsDown;
  static constexpr int kBlocks = kBlocksOfProcessor;
};

// The larger the head, the fewer queries fit into 48 KB of shared memory.
using Attention32 = AttentionShape<32, 64, 3>;
using Attention64 = AttentionShape<64, 64, 3>;
using Attention80 = AttentionShape<80, 64, 3>;
using Attention128 = AttentionShape<128, 32, 3>;

/// On tensor cores each warp takes 16 queries.
template <int kSizeOfHead, int kQueriesOfBlock, int kBlocksOfProcessor>
struct TensorAttentionShape {
  static constexpr int kSize = kSizeOfHead;
  static constexpr int kQueries = kQueriesOfBlock;
  static constexpr int kKeys = 32;
  static constexpr int kThreads = kQueriesOfBlock / 16 * 32;
  static constexpr int kBlocks = kBlocksOfProcessor;
};

using TensorAttention64 = TensorAttentionShape<64, 64, 3>;
using TensorAttention128 = TensorAttentionShape<128, 64, 2>;
using TensorAttention128OfFloats = TensorAttentionShape<128, 32, 4>;

}  // namespace braid::cuda
