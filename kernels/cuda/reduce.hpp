#pragma once

#include "kernels/cuda/fast_divide.hpp"
#include "kernels/cuda/stored.hpp"

#ifndef __CUDACC_RTC__
#include <span>

#include "kernels/cuda/launch.hpp"
#endif

namespace braid::cuda {

enum class Reduction : std::uint8_t {
  Sum,
  Mean,  ///< of integers: towards zero
  Max,
  Min,
  Prod,
  SumSquare,
  L1,
  // of floats
  L2,
  LogSum,
  LogSumExp,
};

inline constexpr int kReduceAxes = 4;

/// Some axes of a tensor; axis 0 is the innermost.
struct ReduceAxes {
  int count = 0;
  FastDivisor sizes[kReduceAxes];
  std::int64_t strides[kReduceAxes] = {};  ///< of x, in elements
};

/// y[i] = the reduction of the `length` elements of x that belong to result i.
struct ReduceArgs {
  const void* x = nullptr;
  void* y = nullptr;  ///< contiguous
  Reduction reduction = Reduction::Sum;
  int results = 1;
  int length = 1;
  ReduceAxes kept;
  ReduceAxes reduced;
};

#ifndef __CUDACC_RTC__

/// Sets the sizes for a contiguous tensor. False if there are too many axes for the kernel.
bool shape_reduction(std::span<const std::int64_t> dims, std::span<const bool> is_reduced,
                     ReduceArgs& args);

/// Integers wrap around. Throws std::invalid_argument for a reduction that they do not have.
Launch launch_reduce(const ReduceArgs& args, Stored stored);

inline Launch launch_reduce(const ReduceArgs& args, Element element) {
  return launch_reduce(args, stored_as(element));
}

#endif

}  // namespace braid::cuda
