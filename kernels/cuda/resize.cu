#include "kernels/cuda/resize.cuh"

namespace braid::cuda {

#define BRAID_RESIZES(X)        \
  X(resize_f32, Resize<float>)  \
  X(resize_f16, Resize<__half>) \
  X(resize_bf16, Resize<__nv_bfloat16>)

BRAID_KERNELS(resize, BRAID_RESIZES)

}  // namespace braid::cuda
