#include "kernels/cuda/selection.cuh"

namespace braid::cuda {

#define BRAID_SELECTION_OF(X, suffix, ...)           \
  X(arg_extremum_##suffix, ArgExtremum<__VA_ARGS__>) \
  X(top_k_##suffix, TopK<__VA_ARGS__>)
#define BRAID_SELECTIONS(X)                         \
  BRAID_SELECTION_OF(X, f32, float, float)          \
  BRAID_SELECTION_OF(X, f16, __half, float)         \
  BRAID_SELECTION_OF(X, bf16, __nv_bfloat16, float) \
  BRAID_SELECTION_OF(X, i32, std::int32_t, Integer) \
  BRAID_SELECTION_OF(X, i64, std::int64_t, Integer) \
  BRAID_SELECTION_OF(X, i8, std::int8_t, Integer)   \
  BRAID_SELECTION_OF(X, u8, std::uint8_t, Integer)

BRAID_KERNELS(selection, BRAID_SELECTIONS)

}  // namespace braid::cuda
