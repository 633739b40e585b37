#pragma once

#include "kernels/cuda/stored.hpp"

// The names of a kernel for each Element, in its order.
#define BRAID_ELEMENT_NAMES(stem) \
  { stem "_f32", stem "_f16", stem "_bf16" }

// The same on tensor cores, where factors that are floats are rounded to tf32.
#define BRAID_TENSOR_NAMES(stem) \
  { stem "_tf32", stem "_f16", stem "_bf16" }

// The names of a kernel for each Stored, in its order; bools are bytes.
#define BRAID_STORED_NAMES(stem)                                                              \
  {                                                                                           \
    stem "_f32", stem "_f16", stem "_bf16", stem "_i32", stem "_i64", stem "_i8", stem "_u8", \
        stem "_u8"                                                                            \
  }

namespace braid::cuda {

using ElementNames = const char* [kElements];

using StoredNames = const char* [kStored];

inline constexpr int at(Stored stored) {
  return static_cast<int>(stored);
}

inline constexpr int at(Element element) {
  return static_cast<int>(element);
}

}  // namespace braid::cuda
