#pragma once

#include "kernels/cuda/gemm_members.hpp"

#ifndef __CUDACC_RTC__
#include <span>
#endif

/// Matrix products of unequal sizes in one launch: rows that differ from member to member, heads of
/// different widths, share classes of different sizes.
namespace braid::cuda {

/// A product as gemm_members has it, with one member and one batch.
struct GroupedProblem {
  GemmMembersArgs product;
  int first_tile = 0;  ///< number_tiles() sets it
};

struct GroupedGemmArgs {
  const GroupedProblem* problems = nullptr;  ///< in the device's memory
  int count = 0;
  int tiles = 0;  ///< of all problems
};

#ifndef __CUDACC_RTC__

/// Numbers the tiles of all problems, on the host; returns how many there are.
int number_tiles(std::span<GroupedProblem> problems, GemmTile tile);

/// As many blocks as `processors` can hold; they take tile after tile. Medium, Small
/// and TensorMedium have kernels; throws std::invalid_argument for others.
Launch launch_grouped_gemm(const GroupedGemmArgs& args, Element element, GemmTile tile,
                           int processors);

#endif

}  // namespace braid::cuda
