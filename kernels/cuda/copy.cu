#include "kernels/cuda/copy.cuh"

namespace braid::cuda {

using SixteenBytes = Pack<std::uint64_t, 2>;

#define BRAID_COPIES(X)                     \
  X(copy_1, Copy<std::uint8_t>)             \
  X(copy_2, Copy<std::uint16_t>)            \
  X(copy_4, Copy<std::uint32_t>)            \
  X(copy_8, Copy<std::uint64_t>)            \
  X(copy_16, Copy<SixteenBytes>)            \
  X(copy_tiled_1, CopyTiled<std::uint8_t>)  \
  X(copy_tiled_2, CopyTiled<std::uint16_t>) \
  X(copy_tiled_4, CopyTiled<std::uint32_t>) \
  X(copy_tiled_8, CopyTiled<std::uint64_t>) \
  X(pad_1, PadCopy<std::uint8_t>)           \
  X(pad_2, PadCopy<std::uint16_t>)          \
  X(pad_4, PadCopy<std::uint32_t>)          \
  X(pad_8, PadCopy<std::uint64_t>)

BRAID_KERNELS(copy, BRAID_COPIES)

}  // namespace braid::cuda
