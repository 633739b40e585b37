#include "kernels/cuda/split_product.cuh"

namespace braid::cuda {

#define BRAID_SPLIT_OF(X, suffix, T)                                   \
  X(split_gemm_large_##suffix, SplitGemm<T, TileProduct<LargeTile>>)   \
  X(split_gemm_medium_##suffix, SplitGemm<T, TileProduct<MediumTile>>) \
  X(split_conv_large_##suffix, SplitConv<T, TileProduct<LargeTile>>)   \
  X(split_conv_medium_##suffix, SplitConv<T, TileProduct<MediumTile>>) \
  X(split_sums_##suffix, PartialSums<T>)
#define BRAID_SPLIT_PRODUCTS(X)  \
  BRAID_SPLIT_OF(X, f32, float)  \
  BRAID_SPLIT_OF(X, f16, __half) \
  BRAID_SPLIT_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(split_product, BRAID_SPLIT_PRODUCTS)

}  // namespace braid::cuda
