#pragma once

#include "kernels/cuda/element.hpp"

/// Resize of up to three spatial axes, in any mode: the host says which pixels of an axis make up a
/// pixel of the result, and how much of each.
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
  ResizeAxis planes = {};  ///< outside of rows and columns; without indices, if there are none
};

Launch launch_resize(const ResizeArgs& args, Element element);

/// Of elements of `width` bytes (1, 2, 4 or 8): copies what the first tap of each axis names.
Launch launch_resize_nearest(const ResizeArgs& args, int width);

}  // namespace braid::cuda
