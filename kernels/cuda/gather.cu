#include "kernels/cuda/gather.cuh"

namespace braid::cuda {

using SixteenBytes = Pack<std::uint64_t, 2>;

#define BRAID_GATHERS(X)              \
  X(gather_1, Gather<std::uint8_t>)   \
  X(gather_2, Gather<std::uint16_t>)  \
  X(gather_4, Gather<std::uint32_t>)  \
  X(gather_8, Gather<std::uint64_t>)  \
  X(gather_16, Gather<SixteenBytes>)  \
  X(embedding_f32, Embedding<float>)  \
  X(embedding_f16, Embedding<__half>) \
  X(embedding_bf16, Embedding<__nv_bfloat16>)

BRAID_KERNELS(gather, BRAID_GATHERS)

}  // namespace braid::cuda
