#pragma once

#include "kernels/cuda/element.hpp"

/// Resize of the two innermost spatial axes, in any mode: the host says which pixels of an axis
/// make up a pixel of the result, and how much of each.
namespace braid::cuda {

struct Launch;

/// Pixel i of the result is the sum of weights[i][t] * x[indices[i][t]], for t < taps: 1 for
/// nearest, 2 for linear, 4 for cubic, more where the filter is widened for antialiasing.
struct ResizeAxis {
  const int* indices = nullptr;    ///< [y_size, taps], in the device's memory
  const float* weights = nullptr;  ///< the same
  int taps = 1;
  int y_size = 1;
  std::int64_t x_stride = 0;  ///< in elements
  std::int64_t y_stride = 0;
};

struct ResizeArgs {
  const void* x = nullptr;
  void* y = nullptr;
  ResizeAxis rows;
  ResizeAxis columns;
  std::int64_t x_image = 0;
  std::int64_t x_channel = 1;
  std::int64_t y_image = 0;
  std::int64_t y_channel = 1;
  int images = 1;  ///< of all members
  int channels = 1;
};

Launch launch_resize(const ResizeArgs& args, Element element);

}  // namespace braid::cuda
