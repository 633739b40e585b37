#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/fast_divide.hpp"

#ifndef __CUDACC_RTC__
#include <span>
#endif

namespace braid::cuda {

struct Launch;

enum class Reduction : std::uint8_t {
  Sum,
  Mean,
  Max,
  Min,
  Prod,
  SumSquare,
  L1,
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

Launch launch_reduce(const ReduceArgs& args, Element element);

#endif

}  // namespace braid::cuda
