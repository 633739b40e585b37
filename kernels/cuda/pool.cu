#include "kernels/cuda/pool.cuh"

namespace braid::cuda {

#define BRAID_POOLS(X)      \
  X(pool_f32, Pool<float>)  \
  X(pool_f16, Pool<__half>) \
  X(pool_bf16, Pool<__nv_bfloat16>)

BRAID_KERNELS(pool, BRAID_POOLS)

}  // namespace braid::cuda
