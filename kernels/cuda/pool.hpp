#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/integers.hpp"

/// MaxPool, AveragePool and LpPool over up to three spatial axes.
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
  bool counts_padding = false;  ///< in the mean, which is 0 where nothing counts
  float norm = 0.0F;            ///< p of LpPool; 0 if it is one of the others
  /// MaxPool's second result, or null: lies as y does, and counts the elements of a contiguous
  /// [images, channels, ...], or -1 where a window meets nothing.
  std::int64_t* indices = nullptr;
  bool counts_columns_first = false;  ///< inside an image's channel, from the outermost axis
};

Launch launch_pool(const PoolArgs& args, Element element);

}  // namespace braid::cuda
