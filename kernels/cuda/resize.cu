#include "kernels/cuda/resize.cuh"

namespace braid::cuda {

#define BRAID_RESIZES(X)                            \
  X(resize_f32, Resize<float>)                      \
  X(resize_f16, Resize<__half>)                     \
  X(resize_bf16, Resize<__nv_bfloat16>)             \
  X(resize_nearest_1, ResizeNearest<std::uint8_t>)  \
  X(resize_nearest_2, ResizeNearest<std::uint16_t>) \
  X(resize_nearest_4, ResizeNearest<std::uint32_t>) \
  X(resize_nearest_8, ResizeNearest<std::uint64_t>)

BRAID_KERNELS(resize, BRAID_RESIZES)

}  // namespace braid::cuda
