#include "backends/cuda/choice/product_cost.hpp"

#include <algorithm>
#include <bit>

#include "backends/cuda/choice/gpu_rates.hpp"
#include "kernels/cuda/tensor_shape.hpp"
#include "kernels/cuda/tile_shape.hpp"

namespace braid::cuda {
namespace {

constexpr double kSecondsPerLaunch = 1.5e-6;  // from one node of a graph to the next
constexpr double kReachedBandwidth = 0.85;
// A processor reads from the shared cache some four times its share of the memory's bandwidth.
constexpr double kCacheOverMemory = 4;
// A processor has four schedulers, which one warp each keeps at work: loops have independent sums.
constexpr double kWarpsToFill = 4;

// What a block does. `reach` is the share of the device's rate that the inner loop attains: what it
// reads from shared memory for each multiplication decides.
struct Block {
  int rows;
  int columns;
  int threads;
  double reach;
  bool is_on_tensor_cores = false;
};

template <class Shape>
constexpr Block block_of(double reach, bool is_on_tensor_cores = false) {
  return {Shape::kRows, Shape::kColumns, Shape::kThreads, reach, is_on_tensor_cores};
}

constexpr Block kLarge = block_of<LargeTile>(0.8);
constexpr Block kMedium = block_of<MediumTile>(0.5);
constexpr Block kSmall = block_of<SmallTile>(0.35);
constexpr Block kTensorLarge = block_of<TensorLargeTile<32>>(0.6, true);
constexpr Block kTensorMedium = block_of<TensorMediumTile<32>>(0.4, true);
// Convolutions have the tiles of products.
static_assert(static_cast<int>(ConvTile::Large) == static_cast<int>(GemmTile::Large) &&
              static_cast<int>(ConvTile::TensorMedium) == static_cast<int>(GemmTile::TensorMedium));
constexpr Block kDirect = {4 * 32, 4, 32, 0.2};

// A library's kernels overlap better, and use wider instructions.
constexpr Block kLibraryTiles[] = {{128, 128, 256, 0.9}, {64, 64, 128, 0.7}, {32, 64, 128, 0.5}};

Block block_of(GemmTile tile, const ProductSize& size) {
  switch (tile) {
    case GemmTile::Large:
      return kLarge;
    case GemmTile::Medium:
      return kMedium;
    case GemmTile::Small:
      return kSmall;
    case GemmTile::TensorLarge:
      return kTensorLarge;
    case GemmTile::TensorMedium:
      return kTensorMedium;
    case GemmTile::FewRows:
      break;
  }
  return {static_cast<int>(std::bit_ceil(static_cast<std::uint64_t>(size.rows))), 32, 256, 0.3};
}

Block block_of(SplitTile tile) {
  switch (tile) {
    case SplitTile::Large:
      return kLarge;
    case SplitTile::Medium:
      return kMedium;
    case SplitTile::TensorLarge:
      return kTensorLarge;
    case SplitTile::TensorMedium:
      break;
  }
  return kTensorMedium;
}

std::int64_t up(std::int64_t count, std::int64_t by) {
  return (count + by - 1) / by;
}

std::int64_t tiles_of(const ProductSize& size, const Block& block) {
  return size.matrices * up(size.rows, block.rows) * up(size.columns, block.columns);
}

// wmma leaves half of what the tensor cores of Hopper and later can do to wider instructions.
double rate_of(const Block& block, Element element, const GpuTraits& gpu) {
  if (!block.is_on_tensor_cores) return arithmetic_rate(gpu);
  return tensor_rate(gpu, element) * (gpu.architecture >= 90 ? 0.5 : 1.0);
}

double memory_seconds(double bytes, const GpuTraits& gpu) {
  return bytes / (kReachedBandwidth * gpu.bandwidth);
}

// What the processor does that gets most tiles.
struct Share {
  double tiles = 0;
  double depth = 0;  // of all of them
};

double launch_seconds(const Share& share, double bytes, const Block& block, double rate,
                      Element element, const GpuTraits& gpu) {
  const double occupied = std::min(1.0, share.tiles * block.threads / 32 / kWarpsToFill);
  const double arithmetic =
      2.0 * block.rows * block.columns * share.depth / (rate * block.reach * occupied);
  const double read = (block.rows + block.columns) * share.depth * element_bytes(element);
  const double per_processor = kCacheOverMemory * gpu.bandwidth / gpu.processors;
  return kSecondsPerLaunch +
         std::max({arithmetic, read / per_processor, memory_seconds(bytes, gpu)});
}

// Whole tiles are computed: both ragged edges and the last wave are paid in full.
double tile_seconds(const ProductSize& size, const Block& block, double rate, int slices,
                    const GpuTraits& gpu) {
  const auto tiles =
      static_cast<double>(up(tiles_of(size, block) * slices, std::max(gpu.processors, 1)));
  const Share share{tiles, tiles * static_cast<double>(up(size.depth, slices))};
  return launch_seconds(share, size.bytes, block, rate, size.element, gpu);
}

// Elements of an operand, of which a stride of 0 makes one of many.
double elements(const MatrixStrides& strides, double members, double batches, double rows,
                double columns) {
  return (strides.member == 0 ? 1 : members) * (strides.batch == 0 ? 1 : batches) *
         (strides.row == 0 ? 1 : rows) * (strides.column == 0 ? 1 : columns);
}

}  // namespace

ProductSize size_of(const GemmMembersArgs& args, Element element) {
  ProductSize size{std::int64_t{args.members} * args.batches, args.rows, args.columns, args.depth};
  size.element = element;
  const auto of = [&](const MatrixStrides& strides, int rows, int columns) {
    return elements(strides, args.members, args.batches, rows, columns);
  };
  size.bytes = element_bytes(element) * (of(args.a.strides, args.rows, args.depth) +
                                         of(args.b.strides, args.depth, args.columns) +
                                         of(args.y_strides, args.rows, args.columns));
  return size;
}

ProductSize size_of(const ConvMembersArgs& args, Element element) {
  ProductSize size{std::int64_t{args.members} * args.groups,
                   std::int64_t{args.images} * args.y_rows * args.y_columns, args.filters,
                   std::int64_t{args.kernel_rows} * args.kernel_columns * args.channels};
  size.element = element;
  const double x = static_cast<double>(args.x_member == 0 ? 1 : args.members) * args.images *
                   args.rows * args.columns * args.groups * args.channels;
  const double w = elements(args.w_strides, args.members, args.groups,
                            static_cast<double>(size.depth), args.filters);
  const double y = static_cast<double>(size.matrices * size.rows * size.columns);
  size.bytes = element_bytes(element) * (x + w + y);
  return size;
}

std::int64_t tiles_of(const ProductSize& size, SplitTile tile) {
  return tiles_of(size, block_of(tile));
}

bool fills(const ProductSize& size, SplitTile tile) {
  const Block block = block_of(tile);
  return size.rows > block.rows / 2 && size.columns > block.columns / 2;
}

double seconds_of(const ProductSize& size, GemmTile tile, const GpuTraits& gpu) {
  const Block block = block_of(tile, size);
  return tile_seconds(size, block, rate_of(block, size.element, gpu), 1, gpu);
}

double seconds_of(const ProductSize& size, ConvTile tile, const GpuTraits& gpu) {
  if (tile == ConvTile::Direct) return tile_seconds(size, kDirect, arithmetic_rate(gpu), 1, gpu);
  if (tile == ConvTile::Depthwise) return kSecondsPerLaunch + memory_seconds(size.bytes, gpu);
  return seconds_of(size, static_cast<GemmTile>(tile), gpu);
}

double seconds_of(const ProductSize& size, SplitTile tile, int slices, const GpuTraits& gpu) {
  const Block block = block_of(tile);
  return tile_seconds(size, block, rate_of(block, size.element, gpu), slices, gpu) +
         epilogue_seconds(size, slices, gpu);
}

double grouped_seconds(std::span<const ProductSize> sizes, GemmTile tile, const GpuTraits& gpu) {
  const Block block = block_of(tile, sizes[0]);
  std::int64_t tiles = 0;
  double depth = 0;
  double deepest = 0;
  double bytes = 0;
  for (const ProductSize& size : sizes) {
    const std::int64_t own = tiles_of(size, block);
    tiles += own;
    depth += static_cast<double>(own * size.depth);
    deepest = std::max(deepest, static_cast<double>(size.depth));
    bytes += size.bytes;
  }
  // Blocks take tile after tile, so that all processors have about as much to do.
  const auto most = static_cast<double>(up(tiles, std::max(gpu.processors, 1)));
  const Share share{most, std::max(deepest, most * depth / static_cast<double>(tiles))};
  const Element element = sizes[0].element;
  return launch_seconds(share, bytes, block, rate_of(block, element, gpu), element, gpu);
}

double epilogue_seconds(const ProductSize& size, int slices, const GpuTraits& gpu) {
  const auto results = static_cast<double>(size.matrices * size.rows * size.columns);
  const double sums = results * slices * sizeof(float);
  return kSecondsPerLaunch + memory_seconds(2 * sums + results * element_bytes(size.element), gpu);
}

double library_seconds(const ProductSize& size, bool is_on_tensor_cores, const GpuTraits& gpu) {
  const double rate = is_on_tensor_cores ? tensor_rate(gpu, size.element) : arithmetic_rate(gpu);
  double least = tile_seconds(size, kLibraryTiles[0], rate, 1, gpu);
  for (const Block& block : kLibraryTiles)
    least = std::min(least, tile_seconds(size, block, rate, 1, gpu));
  return least;
}

}  // namespace braid::cuda
