#pragma once

#include "kernels/cuda/device.cuh"

namespace braid::cuda {

/// The innermost index of what `rest` numbers, which is left with the others. In 32 bits: a
/// division costs some twenty instructions, one of 64 bits four times that.
__device__ __forceinline__ int take_index(unsigned& rest, int size) {
  const unsigned outer = rest / static_cast<unsigned>(size);
  const unsigned index = rest - outer * static_cast<unsigned>(size);
  rest = outer;
  return static_cast<int>(index);
}

}  // namespace braid::cuda
