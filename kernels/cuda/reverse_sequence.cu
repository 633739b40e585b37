#include "kernels/cuda/reverse_sequence.cuh"

namespace braid::cuda {

#define BRAID_REVERSALS(X)                              \
  X(reverse_sequence_1, ReverseSequence<std::uint8_t>)  \
  X(reverse_sequence_2, ReverseSequence<std::uint16_t>) \
  X(reverse_sequence_4, ReverseSequence<std::uint32_t>) \
  X(reverse_sequence_8, ReverseSequence<std::uint64_t>)

BRAID_KERNELS(reverse_sequence, BRAID_REVERSALS)

}  // namespace braid::cuda
