#include "kernels/cuda/reduce.cuh"

namespace braid::cuda {

#define BRAID_REDUCE_OF(X, suffix, T, C)     \
  X(reduce_thread_##suffix, Reduce<T, C, 0>) \
  X(reduce_warp_##suffix, Reduce<T, C, 1>)   \
  X(reduce_block_##suffix, Reduce<T, C, 8>)
#define BRAID_REDUCTIONS(X)                      \
  BRAID_REDUCE_OF(X, f32, float, float)          \
  BRAID_REDUCE_OF(X, f16, __half, float)         \
  BRAID_REDUCE_OF(X, bf16, __nv_bfloat16, float) \
  BRAID_REDUCE_OF(X, i32, std::int32_t, Integer) \
  BRAID_REDUCE_OF(X, i64, std::int64_t, Integer) \
  BRAID_REDUCE_OF(X, i8, std::int8_t, Integer)   \
  BRAID_REDUCE_OF(X, u8, std::uint8_t, Integer)

BRAID_KERNELS(reduce, BRAID_REDUCTIONS)

}  // namespace braid::cuda
