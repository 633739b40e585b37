#include "kernels/cuda/gemm_members.cuh"

namespace braid::cuda {

#define BRAID_GEMM_OF(X, suffix, T)                                        \
  X(gemm_members_large_##suffix, GemmMembers<T, TileProduct<LargeTile>>)   \
  X(gemm_members_medium_##suffix, GemmMembers<T, TileProduct<MediumTile>>) \
  X(gemm_members_small_##suffix, GemmMembers<T, TileProduct<SmallTile>>)   \
  X(gemm_members_1_row_##suffix, GemmFewRows<T, 1>)                        \
  X(gemm_members_2_rows_##suffix, GemmFewRows<T, 2>)                       \
  X(gemm_members_4_rows_##suffix, GemmFewRows<T, 4>)                       \
  X(gemm_members_8_rows_##suffix, GemmFewRows<T, 8>)                       \
  X(gemm_members_16_rows_##suffix, GemmFewRows<T, 16>)
#define BRAID_GEMM_MEMBERS(X)   \
  BRAID_GEMM_OF(X, f32, float)  \
  BRAID_GEMM_OF(X, f16, __half) \
  BRAID_GEMM_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(gemm_members, BRAID_GEMM_MEMBERS)

}  // namespace braid::cuda
