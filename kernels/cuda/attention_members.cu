#include "kernels/cuda/attention_members.cuh"

namespace braid::cuda {

#define BRAID_ATTENTION_OF(X, suffix, T)                             \
  X(attention_members_32_##suffix, AttentionMembers<T, Attention32>) \
  X(attention_members_64_##suffix, AttentionMembers<T, Attention64>) \
  X(attention_members_80_##suffix, AttentionMembers<T, Attention80>) \
  X(attention_members_128_##suffix, AttentionMembers<T, Attention128>)
#define BRAID_ATTENTION_MEMBERS(X)   \
  BRAID_ATTENTION_OF(X, f32, float)  \
  BRAID_ATTENTION_OF(X, f16, __half) \
  BRAID_ATTENTION_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(attention_members, BRAID_ATTENTION_MEMBERS)

}  // namespace braid::cuda
