#include "kernels/cuda/conv_members.cuh"

namespace braid::cuda {

#define BRAID_CONV_OF(X, suffix, T)                                        \
  X(conv_members_large_##suffix, ConvMembers<T, TileProduct<LargeTile>>)   \
  X(conv_members_medium_##suffix, ConvMembers<T, TileProduct<MediumTile>>) \
  X(conv_members_small_##suffix, ConvMembers<T, TileProduct<SmallTile>>)   \
  X(conv_members_direct_##suffix, ConvDirect<T, 4>)                        \
  X(conv_members_depthwise_##suffix, ConvDepthwise<T>)
#define BRAID_CONV_MEMBERS(X)   \
  BRAID_CONV_OF(X, f32, float)  \
  BRAID_CONV_OF(X, f16, __half) \
  BRAID_CONV_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(conv_members, BRAID_CONV_MEMBERS)

}  // namespace braid::cuda
