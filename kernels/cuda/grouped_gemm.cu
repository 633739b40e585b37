#include "kernels/cuda/grouped_gemm.cuh"

namespace braid::cuda {

#define BRAID_GROUPED_OF(X, suffix, T)                                     \
  X(grouped_gemm_medium_##suffix, GroupedGemm<T, TileProduct<MediumTile>>) \
  X(grouped_gemm_small_##suffix, GroupedGemm<T, TileProduct<SmallTile>>)
#define BRAID_GROUPED_GEMM(X)      \
  BRAID_GROUPED_OF(X, f32, float)  \
  BRAID_GROUPED_OF(X, f16, __half) \
  BRAID_GROUPED_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(grouped_gemm, BRAID_GROUPED_GEMM)

}  // namespace braid::cuda
