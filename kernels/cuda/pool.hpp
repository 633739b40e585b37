#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/integers.hpp"

/// MaxPool and AveragePool over up to three spatial axes.
namespace braid::cuda {

struct Launch;

inline constexpr int kPoolAxes = 3;

struct PoolAxis {
  int size = 1;  ///< of the input
  int y_size = 1;
  int kernel = 1;
  int step = 1;
  int dilation = 1;
  int pad_begin = 0;
  int pad_end = 0;
  std::int64_t x_stride = 0;  ///< in elements
  std::int64_t y_stride = 0;
};

struct PoolArgs {
  const void* x = nullptr;
  void* y = nullptr;
  PoolAxis axes[kPoolAxes];  ///< the innermost first; those that are not there have size 1
  std::int64_t x_image = 0;
  std::int64_t x_channel = 1;
  std::int64_t y_image = 0;
  std::int64_t y_channel = 1;
  int images = 1;  ///< of all members
  int channels = 1;
  bool is_max = true;
  bool counts_padding = false;  ///< in the mean
};

Launch launch_pool(const PoolArgs& args, Element element);

}  // namespace braid::cuda
