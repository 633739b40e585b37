#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/epilogue.hpp"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

/// Which matrix of which member a block works on.
struct MatrixIndex {
  int member = 0;
  int batch = 0;
};

__device__ __forceinline__ std::int64_t matrix_offset(const MatrixStrides& strides,
                                                      MatrixIndex index) {
  return index.member * strides.member + index.batch * strides.batch;
}

/// Turns the sums of one matrix product into results and writes them.
template <class T>
struct EpilogueWriter {
  const Epilogue& epilogue;
  T* y;
  MatrixStrides strides;
  MatrixIndex index;

  __device__ __forceinline__ EpilogueWriter(const Epilogue& what, void* to,
                                            const MatrixStrides& to_strides, MatrixIndex matrix)
      : epilogue(what),
        y(static_cast<T*>(to) + matrix_offset(to_strides, matrix)),
        strides(to_strides),
        index(matrix) {}

  __device__ __forceinline__ void add(const Operand& operand, int row, int column, int count,
                                      Floats& value) const {
    if (operand.data == nullptr) return;
    const T* from = static_cast<const T*>(operand.data) + matrix_offset(operand.strides, index) +
                    row * operand.strides.row + column * operand.strides.column;
    const Floats addend = load_some(from, operand.strides.column, count);
    BRAID_UNROLL
    for (int i = 0; i < 4; ++i)
      value.at[i] += addend.at[i];
  }

  /// Writes the first `count` of four columns of a row.
  __device__ __forceinline__ void write(int row, int column, int count, Floats value) const {
    BRAID_UNROLL
    for (int i = 0; i < 4; ++i)
      value.at[i] *= epilogue.scale;
    add(epilogue.bias, row, column, count, value);
    add(epilogue.residual, row, column, count, value);
    BRAID_UNROLL
    for (int i = 0; i < 4; ++i)
      value.at[i] = activate(epilogue.activation, value.at[i], epilogue.a, epilogue.b);
    store_some(y + row * strides.row + column * strides.column, strides.column, count, value);
  }
};

}  // namespace braid::cuda
