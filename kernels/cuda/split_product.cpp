#include "kernels/cuda/split_product.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/tensor_shape.hpp"
#include "kernels/cuda/tile_shape.hpp"

namespace braid::cuda {
namespace {

struct Tile {
  ElementNames gemm;
  ElementNames conv;
  int rows;
  int columns;
  unsigned threads;
};

constexpr Tile kTiles[] = {
    {BRAID_ELEMENT_NAMES("split_gemm_large"), BRAID_ELEMENT_NAMES("split_conv_large"),
     LargeTile::kRows, LargeTile::kColumns, LargeTile::kThreads},
    {BRAID_ELEMENT_NAMES("split_gemm_medium"), BRAID_ELEMENT_NAMES("split_conv_medium"),
     MediumTile::kRows, MediumTile::kColumns, MediumTile::kThreads},
    {BRAID_TENSOR_NAMES("split_gemm_tensor_large"), BRAID_TENSOR_NAMES("split_conv_tensor_large"),
     TensorLargeTile<32>::kRows, TensorLargeTile<32>::kColumns, TensorLargeTile<32>::kThreads},
    {BRAID_TENSOR_NAMES("split_gemm_tensor_medium"), BRAID_TENSOR_NAMES("split_conv_tensor_medium"),
     TensorMediumTile<32>::kRows, TensorMediumTile<32>::kColumns, TensorMediumTile<32>::kThreads},
};

std::int64_t up(std::int64_t count, std::int64_t by) {
  return (count + by - 1) / by;
}

unsigned blocks_of(const PartialSumsArgs& result, const Tile& tile) {
  const std::int64_t tiles = up(result.rows, tile.rows) * up(result.columns, tile.columns);
  return blocks_for(tiles * result.members * result.batches * result.slices, 1);
}

}  // namespace

DepthSlices slices_of(int depth, int columns, int count) {
  constexpr int kStep = 32;  // the deepest slice that a tile takes at once
  DepthSlices slices;
  slices.depth = static_cast<int>(up(up(depth, count), kStep) * kStep);
  slices.count = static_cast<int>(std::max<std::int64_t>(up(depth, slices.depth), 1));
  slices.pitch = static_cast<int>(up(columns, 4) * 4);
  return slices;
}

std::size_t partial_bytes(const PartialSumsArgs& args) {
  return sizeof(float) * static_cast<std::size_t>(args.slices) *
         static_cast<std::size_t>(args.members) * static_cast<std::size_t>(args.batches) *
         static_cast<std::size_t>(args.rows) * static_cast<std::size_t>(args.pitch);
}

PartialSumsArgs sums_of(const GemmMembersArgs& product, const DepthSlices& slices) {
  PartialSumsArgs sums;
  sums.partials = slices.partials;
  sums.slices = slices.count;
  sums.pitch = slices.pitch;
  sums.y = product.y;
  sums.y_strides = product.y_strides;
  sums.epilogue = product.epilogue;
  sums.members = product.members;
  sums.batches = product.batches;
  sums.rows = product.rows;
  sums.columns = product.columns;
  return sums;
}

PartialSumsArgs sums_of(const ConvMembersArgs& conv, const DepthSlices& slices) {
  return sums_of(as_product(conv), slices);
}

Launch launch_split_gemm(const SplitGemmArgs& args, Element element, SplitTile tile) {
  const Tile& shape = kTiles[static_cast<int>(tile)];
  return {shape.gemm[at(element)],
          {blocks_of(sums_of(args.product, args.slices), shape)},
          {shape.threads}};
}

Launch launch_split_conv(SplitConvArgs& args, Element element, SplitTile tile) {
  set_divisors(args.conv);
  const Tile& shape = kTiles[static_cast<int>(tile)];
  return {shape.conv[at(element)],
          {blocks_of(sums_of(args.conv, args.slices), shape)},
          {shape.threads}};
}

Launch launch_partial_sums(PartialSumsArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("split_sums");
  constexpr unsigned kThreads = 128;
  const int packs = args.pitch / 4;
  const std::int64_t all = std::int64_t{args.members} * args.batches * args.rows * packs;
  if (all > std::numeric_limits<std::int32_t>::max() - std::int64_t{kThreads})
    throw std::length_error("a sum of more partial results than 31 bits can number");
  args.by_packs = fast_divisor(packs);
  args.by_rows = fast_divisor(args.rows);
  args.by_batches = fast_divisor(args.batches);
  return {kNames[at(element)], {blocks_of_threads(all, kThreads)}, {kThreads}};
}

}  // namespace braid::cuda
