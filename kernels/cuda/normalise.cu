#include "kernels/cuda/normalise.cuh"

#include "kernels/cuda/softmax.cuh"

namespace braid::cuda {

#define BRAID_NORMALISE_OF(X, suffix, T)                      \
  X(normalise_rows_warp_##suffix, NormaliseRows<T, 1, true>)  \
  X(normalise_rows_block_##suffix, NormaliseRows<T, 8, true>) \
  X(normalise_rows_long_##suffix, NormaliseRows<T, 8, false>) \
  X(normalise_groups_##suffix, NormaliseGroups<T>)            \
  X(softmax_rows_warp_##suffix, SoftmaxRows<T, 1, true>)      \
  X(softmax_rows_block_##suffix, SoftmaxRows<T, 8, true>)     \
  X(softmax_rows_long_##suffix, SoftmaxRows<T, 8, false>)     \
  X(softmax_columns_##suffix, SoftmaxColumns<T>)
#define BRAID_NORMALISE(X)           \
  BRAID_NORMALISE_OF(X, f32, float)  \
  BRAID_NORMALISE_OF(X, f16, __half) \
  BRAID_NORMALISE_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(normalise, BRAID_NORMALISE)

}  // namespace braid::cuda
