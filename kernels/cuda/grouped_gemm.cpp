#include "kernels/cuda/grouped_gemm.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/tensor_shape.hpp"
#include "kernels/cuda/tile_shape.hpp"

namespace braid::cuda {
namespace {

struct Tile {
  ElementNames names;
  int rows;
  int columns;
  unsigned threads;
  int blocks;  // that a processor holds
};

constexpr Tile kMedium{BRAID_ELEMENT_NAMES("grouped_gemm_medium"), MediumTile::kRows,
                       MediumTile::kColumns, MediumTile::kThreads, MediumTile::kBlocks};
constexpr Tile kSmall{BRAID_ELEMENT_NAMES("grouped_gemm_small"), SmallTile::kRows,
                      SmallTile::kColumns, SmallTile::kThreads, SmallTile::kBlocks};
constexpr Tile kTensor{BRAID_TENSOR_NAMES("grouped_gemm_tensor_medium"),
                       TensorMediumTile<32>::kRows, TensorMediumTile<32>::kColumns,
                       TensorMediumTile<32>::kThreads, TensorMediumTile<32>::kBlocks};

const Tile& shape_of(GemmTile tile) {
  if (tile == GemmTile::Medium) return kMedium;
  if (tile == GemmTile::Small) return kSmall;
  if (tile == GemmTile::TensorMedium) return kTensor;
  throw std::invalid_argument("grouped products have no kernel with tiles of this kind");
}

}  // namespace

int number_tiles(std::span<GroupedProblem> problems, GemmTile tile) {
  const Tile& shape = shape_of(tile);
  std::int64_t tiles = 0;
  for (GroupedProblem& problem : problems) {
    problem.first_tile = static_cast<int>(tiles);
    const std::int64_t down = (problem.product.rows + shape.rows - 1) / shape.rows;
    tiles += down * ((problem.product.columns + shape.columns - 1) / shape.columns);
    blocks_for(tiles, 1);  // throws if there are too many
  }
  return static_cast<int>(tiles);
}

Launch launch_grouped_gemm(const GroupedGemmArgs& args, Element element, GemmTile tile,
                           int processors) {
  const Tile& shape = shape_of(tile);
  const int blocks = std::min(args.tiles, processors * shape.blocks);
  return {shape.names[at(element)], {blocks_for(blocks, 1)}, {shape.threads}};
}

}  // namespace braid::cuda
