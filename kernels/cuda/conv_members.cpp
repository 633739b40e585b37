#include "kernels/cuda/conv_members.hpp"

#include <stdexcept>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/tensor_shape.hpp"
#include "kernels/cuda/tile_shape.hpp"

namespace braid::cuda {
namespace {

struct Tile {
  ElementNames names;
  int pixels;
  int filters;
  unsigned threads;
};

constexpr Tile kTiles[] = {
    {BRAID_ELEMENT_NAMES("conv_members_large"), LargeTile::kRows, LargeTile::kColumns,
     LargeTile::kThreads},
    {BRAID_ELEMENT_NAMES("conv_members_medium"), MediumTile::kRows, MediumTile::kColumns,
     MediumTile::kThreads},
    {BRAID_ELEMENT_NAMES("conv_members_small"), SmallTile::kRows, SmallTile::kColumns,
     SmallTile::kThreads},
    {BRAID_TENSOR_NAMES("conv_members_tensor_large"), TensorLargeTile<32>::kRows,
     TensorLargeTile<32>::kColumns, TensorLargeTile<32>::kThreads},
    {BRAID_TENSOR_NAMES("conv_members_tensor_medium"), TensorMediumTile<32>::kRows,
     TensorMediumTile<32>::kColumns, TensorMediumTile<32>::kThreads},
    {BRAID_ELEMENT_NAMES("conv_members_direct"), 4, 4, 128},     // of a thread
    {BRAID_ELEMENT_NAMES("conv_members_depthwise"), 1, 4, 128},  // of a thread
};

// Tiles of fewer filters than this would be empty for the most part.
constexpr int kFewestFilters = 24;

std::int64_t pixels_of(const ConvMembersArgs& args) {
  return std::int64_t{args.images} * args.y_rows * args.y_columns;
}

std::int64_t tiles_of(const ConvMembersArgs& args, const Tile& tile) {
  const std::int64_t down = (pixels_of(args) + tile.pixels - 1) / tile.pixels;
  const std::int64_t across = (args.filters + tile.filters - 1) / tile.filters;
  return down * across * args.members * args.groups;
}

}  // namespace

bool has_depthwise_form(const ConvMembersArgs& args) {
  return args.groups > 1 && args.channels == 1 && args.filters == 1 && args.w_strides.batch == 1;
}

bool has_direct_form(const ConvMembersArgs& args) {
  return args.groups > 1 && args.filters < kFewestFilters;
}

Launch launch_conv_members(ConvMembersArgs& args, Element element, ConvTile tile) {
  if (tile == ConvTile::Depthwise && !has_depthwise_form(args))
    throw std::invalid_argument("no depthwise convolution with its groups side by side");
  set_divisors(args);
  const Tile& shape = kTiles[static_cast<int>(tile)];
  std::int64_t blocks = tiles_of(args, shape);
  if (tile == ConvTile::Direct) blocks = (blocks + shape.threads - 1) / shape.threads;
  if (tile == ConvTile::Depthwise) {
    const std::int64_t threads = pixels_of(args) * ((args.groups + 3) / 4) * args.members;
    blocks = (threads + shape.threads - 1) / shape.threads;
  }
  return {shape.names[at(element)], {blocks_for(blocks, 1)}, {shape.threads}};
}

void set_divisors(ConvMembersArgs& args) {
  args.by_y_rows = fast_divisor(args.y_rows);
  args.by_y_columns = fast_divisor(args.y_columns);
  args.by_channels = fast_divisor(args.channels);
  args.by_kernel_columns = fast_divisor(args.kernel_columns);
}

bool is_product(const ConvMembersArgs& args) {
  const bool takes_every_pixel = args.kernel_rows == 1 && args.kernel_columns == 1 &&
                                 args.row_step == 1 && args.column_step == 1 && args.pad_top == 0 &&
                                 args.pad_left == 0 && args.y_rows == args.rows &&
                                 args.y_columns == args.columns;
  const bool is_dense =
      (args.rows == 1 || args.x_row == args.columns * args.x_column) &&
      (args.images == 1 || args.x_image == args.rows * args.columns * args.x_column);
  return takes_every_pixel && is_dense;
}

GemmMembersArgs as_product(const ConvMembersArgs& args) {
  GemmMembersArgs product;
  const std::int64_t group = args.channels * args.x_channel;
  product.a = {args.x, {args.x_member, group, args.x_column, args.x_channel}};
  product.b = {args.w, args.w_strides};
  product.y = args.y;
  product.y_strides = args.y_strides;
  product.epilogue = args.epilogue;
  product.members = args.members;
  product.batches = args.groups;
  product.rows = static_cast<int>(pixels_of(args));
  product.columns = args.filters;
  product.depth = args.channels;
  return product;
}

}  // namespace braid::cuda
