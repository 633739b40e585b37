#pragma once

#include "kernels/cuda/device.cuh"

namespace braid::cuda {

/// The place along an axis of `dim` elements that the index at `at` names, or -1.
__device__ __forceinline__ int find_place(const void* indices, bool is_wide, std::int64_t at,
                                          int dim) {
  std::int64_t index = is_wide ? static_cast<const std::int64_t*>(indices)[at]
                               : static_cast<const std::int32_t*>(indices)[at];
  if (index < 0) index += dim;
  return index >= 0 && index < dim ? static_cast<int>(index) : -1;
}

}  // namespace braid::cuda
