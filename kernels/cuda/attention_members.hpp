#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/integers.hpp"

/// Scaled dot-product attention of all members in one launch:
/// y = softmax(scale * q k^T + biases, over the keys) v.
/// The scores are never written: keys and values pass by in tiles, and the softmax is kept up to
/// date with what has passed.
namespace braid::cuda {

struct Launch;

/// Strides, in elements, of [members, batch, heads, positions, size].
struct HeadStrides {
  std::int64_t member = 0;
  std::int64_t batch = 0;
  std::int64_t head = 0;
  std::int64_t position = 0;
  std::int64_t size = 1;
};

/// An addend of the scores, [members, batch, heads, queries, keys]: a mask, relative positions. A
/// stride of 0 is one value for all; absent if `data` is null.
struct ScoreBias {
  const void* data = nullptr;
  std::int64_t member = 0;
  std::int64_t batch = 0;
  std::int64_t head = 0;
  std::int64_t query = 0;
  std::int64_t key = 0;
  float factor = 1.0F;  ///< that the addend is multiplied by
};

/// So many addends a kernel takes: a mask, segments and relative positions of XLNet.
inline constexpr int kMostScoreBiases = 3;

struct AttentionMembersArgs {
  const void* q = nullptr;
  const void* k = nullptr;
  const void* v = nullptr;
  void* y = nullptr;
  HeadStrides q_strides;
  HeadStrides k_strides;
  HeadStrides v_strides;
  HeadStrides y_strides;
  ScoreBias biases[kMostScoreBiases];  ///< those that are there come first
  int members = 1;
  int batch = 1;
  int heads = 1;
  int heads_per_key = 1;  ///< so many heads share keys and values
  int queries = 1;
  int keys = 1;
  int size = 64;        ///< of a head's queries and keys
  int value_size = 64;  ///< of a head's values and results
  float scale = 1.0F;
  bool is_causal = false;  ///< query i sees keys up to i + first_key
  int first_key = 0;
  bool is_guarded = false;  ///< a row that would be NaN is 0
};

/// Heads of up to this size have a kernel.
inline constexpr int kLargestHead = 128;

/// All operands and y are of `element`. A row none of whose keys counts, all scores being minus
/// infinity, is NaN, as the softmax of it is, unless that is guarded. Throws std::invalid_argument
/// for larger heads.
Launch launch_attention_members(const AttentionMembersArgs& args, Element element);

/// The same on tensor cores: queries, keys, values and the weights of the softmax are rounded to
/// half, bfloat16 or, if they are floats, tf32. sm_70 has that of half, sm_80 all.
Launch launch_attention_members_tensor(const AttentionMembersArgs& args, Element element);

}  // namespace braid::cuda
