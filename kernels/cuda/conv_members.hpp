#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/epilogue.hpp"
#include "kernels/cuda/fast_divide.hpp"
#include "kernels/cuda/gemm_members.hpp"

/// Convolutions of all members in one launch, each with filters of its own, as matrix products
/// whose left matrix is never written: its rows are the output's pixels, its columns the taps of
/// the kernel times the channels.
namespace braid::cuda {

struct ConvMembersArgs {
  const void* x = nullptr;  ///< [members, images, rows, columns, groups * channels], of any strides
  const void* w = nullptr;  ///< [members, groups, kernel rows * kernel columns * channels, filters]
  void* y = nullptr;
  std::int64_t x_member = 0;  ///< strides in elements
  std::int64_t x_image = 0;
  std::int64_t x_row = 0;
  std::int64_t x_column = 0;
  std::int64_t x_channel = 1;
  MatrixStrides w_strides;  ///< batch: group, row: tap and channel, column: filter
  MatrixStrides y_strides;  ///< batch: group, row: pixel (of all images), column: filter
  Epilogue epilogue;        ///< operands with the same meaning of strides
  int members = 1;
  int groups = 1;
  int images = 1;  ///< per member
  int rows = 1;    ///< of the input
  int columns = 1;
  int channels = 1;  ///< per group
  int filters = 1;   ///< per group
  int kernel_rows = 1;
  int kernel_columns = 1;
  int y_rows = 1;
  int y_columns = 1;
  int row_step = 1;
  int column_step = 1;
  int pad_top = 0;
  int pad_left = 0;
  int row_dilation = 1;
  int column_dilation = 1;
  // set_divisors() and the launch function set these.
  FastDivisor by_y_rows;
  FastDivisor by_y_columns;
  FastDivisor by_channels;
  FastDivisor by_kernel_columns;
};

/// Large, Medium and Small are tiles of pixels and filters, as are those on tensor cores (GemmTile
/// says what these round). Direct is for groups of few filters: a thread computes four filters of a
/// few pixels. Depthwise is for groups of one channel and one filter, whose w has groups next to
/// each other (batch stride 1).
enum class ConvTile : std::uint8_t {
  Large,
  Medium,
  Small,
  TensorLarge,
  TensorMedium,
  Direct,
  Depthwise,
};

/// Whether Depthwise and Direct are for such a convolution.
bool has_depthwise_form(const ConvMembersArgs& args);
bool has_direct_form(const ConvMembersArgs& args);

/// All operands and y are of `element`. Throws std::invalid_argument for Depthwise of what is not.
Launch launch_conv_members(ConvMembersArgs& args, Element element, ConvTile tile);

/// Sets the divisors by sizes.
void set_divisors(ConvMembersArgs& args);

/// Whether it is a plain matrix product: a kernel of 1x1 that takes every pixel.
bool is_product(const ConvMembersArgs& args);

/// That product.
GemmMembersArgs as_product(const ConvMembersArgs& args);

}  // namespace braid::cuda
