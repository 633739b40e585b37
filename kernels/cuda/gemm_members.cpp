#include "kernels/cuda/gemm_members.hpp"

#include <algorithm>
#include <bit>
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
};

constexpr Tile kTiles[] = {
    {BRAID_ELEMENT_NAMES("gemm_members_large"), LargeTile::kRows, LargeTile::kColumns,
     LargeTile::kThreads},
    {BRAID_ELEMENT_NAMES("gemm_members_medium"), MediumTile::kRows, MediumTile::kColumns,
     MediumTile::kThreads},
    {BRAID_ELEMENT_NAMES("gemm_members_small"), SmallTile::kRows, SmallTile::kColumns,
     SmallTile::kThreads},
    {BRAID_TENSOR_NAMES("gemm_members_tensor_large"), TensorLargeTile<32>::kRows,
     TensorLargeTile<32>::kColumns, TensorLargeTile<32>::kThreads},
    {BRAID_TENSOR_NAMES("gemm_members_tensor_medium"), TensorMediumTile<32>::kRows,
     TensorMediumTile<32>::kColumns, TensorMediumTile<32>::kThreads},
};

// By the logarithm of their rows.
constexpr ElementNames kFewRows[] = {
    BRAID_ELEMENT_NAMES("gemm_members_1_row"), BRAID_ELEMENT_NAMES("gemm_members_2_rows"),
    BRAID_ELEMENT_NAMES("gemm_members_4_rows"), BRAID_ELEMENT_NAMES("gemm_members_8_rows"),
    BRAID_ELEMENT_NAMES("gemm_members_16_rows")};
constexpr int kFewRowsColumns = 32;
constexpr unsigned kFewRowsThreads = 256;

std::int64_t tiles_of(const GemmMembersArgs& args, int rows, int columns) {
  const std::int64_t down = (args.rows + rows - 1) / rows;
  const std::int64_t across = (args.columns + columns - 1) / columns;
  return down * across * args.members * args.batches;
}

Launch launch_few_rows(const GemmMembersArgs& args, Element element) {
  if (args.rows > kMostFewRows)
    throw std::invalid_argument("a product of too many rows for the kernel of few rows");
  const int power = std::bit_width(static_cast<unsigned>(std::max(args.rows, 1)) - 1);
  return {kFewRows[power][at(element)],
          {blocks_for(tiles_of(args, kMostFewRows, kFewRowsColumns), 1)},
          {kFewRowsThreads}};
}

}  // namespace

bool has_form_of_few_rows(const GemmMembersArgs& args) {
  const bool has_adjacent_columns = args.b.strides.column == 1 || args.columns == 1;
  return args.rows <= kMostFewRows && has_adjacent_columns;
}

Launch launch_gemm_members(const GemmMembersArgs& args, Element element, GemmTile tile) {
  if (tile == GemmTile::FewRows) return launch_few_rows(args, element);
  const Tile& shape = kTiles[static_cast<int>(tile)];
  return {shape.names[at(element)],
          {blocks_for(tiles_of(args, shape.rows, shape.columns), 1)},
          {shape.threads}};
}

}  // namespace braid::cuda
