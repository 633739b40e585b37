#pragma once

#include "kernels/cuda/activation.hpp"
#include "kernels/cuda/integers.hpp"

namespace braid::cuda {

/// Strides, in elements, of the matrices of all members; a stride of 0 is one value for all.
struct MatrixStrides {
  std::int64_t member = 0;
  std::int64_t batch = 0;  ///< of the matrices inside a member: attention heads, groups
  std::int64_t row = 0;
  std::int64_t column = 0;
};

/// A matrix that is read; absent if `data` is null.
struct Operand {
  const void* data = nullptr;
  MatrixStrides strides;
};

/// y = activation(scale * product + bias + residual).
struct Epilogue {
  Operand bias;      ///< of any strides: per column, per row, per member
  Operand residual;  ///< may be what y is written to, with the same strides
  float scale = 1.0F;
  float a = 0.0F;  ///< parameters of the activation
  float b = 0.0F;
  Activation activation = Activation::None;
};

}  // namespace braid::cuda
