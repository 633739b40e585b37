#include "kernels/cuda/reduce.cuh"

namespace braid::cuda {

#define BRAID_REDUCE_OF(X, suffix, T)     \
  X(reduce_thread_##suffix, Reduce<T, 0>) \
  X(reduce_warp_##suffix, Reduce<T, 1>)   \
  X(reduce_block_##suffix, Reduce<T, 8>)
#define BRAID_REDUCTIONS(X)       \
  BRAID_REDUCE_OF(X, f32, float)  \
  BRAID_REDUCE_OF(X, f16, __half) \
  BRAID_REDUCE_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(reduce, BRAID_REDUCTIONS)

}  // namespace braid::cuda
