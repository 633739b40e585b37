#include "kernels/cuda/selection.cuh"

namespace braid::cuda {

#define BRAID_SELECTION_OF(X, suffix, T)   \
  X(arg_extremum_##suffix, ArgExtremum<T>) \
  X(top_k_##suffix, TopK<T>)
#define BRAID_SELECTIONS(X)          \
  BRAID_SELECTION_OF(X, f32, float)  \
  BRAID_SELECTION_OF(X, f16, __half) \
  BRAID_SELECTION_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(selection, BRAID_SELECTIONS)

}  // namespace braid::cuda
