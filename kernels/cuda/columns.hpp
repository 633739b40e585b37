#pragma once

#include "kernels/cuda/activation.hpp"
#include "kernels/cuda/element.hpp"

/// Convolutions of three spatial axes, and transposed ones, by way of a matrix product. A 3-D Conv
/// is gather_columns, then [pixels, taps * channels] x [taps * channels, filters]. A ConvTranspose
/// of up to three axes is [pixels, channels] x [channels, taps * filters], then sum_columns.
namespace braid::cuda {

struct Launch;

inline constexpr int kColumnAxes = 3;

struct ColumnAxis {
  int size = 1;    ///< of the image whose pixels the taps name
  int places = 1;  ///< of the kernel
  int kernel = 1;
  int step = 1;
  int dilation = 1;
  int pad = 0;              ///< in front
  std::int64_t stride = 0;  ///< of that image, in elements
};

/// The columns, [images, places, groups, taps, channels], and the image that they are of: tap t of
/// place p is pixel p * step - pad + t * dilation. An image may be of any strides.
struct ColumnsArgs {
  const void* from = nullptr;
  void* to = nullptr;
  const void* bias = nullptr;  ///< [groups * channels] of each member, of sum_columns; may be null
  ColumnAxis axes[kColumnAxes];  ///< the innermost first; those that are not there have size 1
  std::int64_t image = 0;        ///< strides of the image
  std::int64_t channel = 1;
  std::int64_t bias_member = 0;
  int images = 1;  ///< of all members
  int images_per_member = 1;
  int groups = 1;
  int channels = 1;                          ///< per group
  Activation activation = Activation::None;  ///< of sum_columns
  float a = 0.0F;                            ///< its parameters
  float b = 0.0F;
};

/// columns = the pixels that they name, 0 outside of the image.
Launch launch_gather_columns(const ColumnsArgs& args, Element element);

/// Each pixel = activation(the sum of the columns that name it + bias).
Launch launch_sum_columns(const ColumnsArgs& args, Element element);

}  // namespace braid::cuda
