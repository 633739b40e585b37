#pragma once

#include "kernels/cuda/element.hpp"

// The names of a kernel for each Element, in its order.
#define BRAID_ELEMENT_NAMES(stem) \
  { stem "_f32", stem "_f16", stem "_bf16" }

// The same on tensor cores, where factors that are floats are rounded to tf32.
#define BRAID_TENSOR_NAMES(stem) \
  { stem "_tf32", stem "_f16", stem "_bf16" }

namespace braid::cuda {

using ElementNames = const char* [kElements];

inline constexpr int at(Element element) {
  return static_cast<int>(element);
}

}  // namespace braid::cuda
