#include "kernels/cuda/indexed.cuh"

namespace braid::cuda {

#define BRAID_INDEXED(X)                         \
  X(gather_at_1, GatherAt<std::uint8_t>)         \
  X(gather_at_2, GatherAt<std::uint16_t>)        \
  X(gather_at_4, GatherAt<std::uint32_t>)        \
  X(gather_at_8, GatherAt<std::uint64_t>)        \
  X(scatter_f32, Scatter<float, float>)          \
  X(scatter_f16, Scatter<__half, float>)         \
  X(scatter_bf16, Scatter<__nv_bfloat16, float>) \
  X(scatter_i32, Scatter<std::int32_t, Integer>) \
  X(scatter_i64, Scatter<std::int64_t, Integer>) \
  X(scatter_i8, Scatter<std::int8_t, Integer>)   \
  X(scatter_u8, Scatter<std::uint8_t, Integer>)

BRAID_KERNELS(indexed, BRAID_INDEXED)

}  // namespace braid::cuda
