#include "kernels/cuda/recurrent_sequence.cuh"

namespace braid::cuda {

#define BRAID_SEQUENCES(X)                             \
  X(recurrent_sequence_f32, RecurrentSequence<float>)  \
  X(recurrent_sequence_f16, RecurrentSequence<__half>) \
  X(recurrent_sequence_bf16, RecurrentSequence<__nv_bfloat16>)

BRAID_KERNELS(recurrent_sequence, BRAID_SEQUENCES)

}  // namespace braid::cuda
