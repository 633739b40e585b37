#include "kernels/cuda/gather.hpp"

#include <bit>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

Launch launch_gather(GatherArgs& args) {
  static constexpr const char* kNames[] = {"gather_1", "gather_2", "gather_4", "gather_8",
                                           "gather_16"};
  constexpr unsigned kThreads = 256;
  const std::uintptr_t parts = std::bit_cast<std::uintptr_t>(args.from) |
                               std::bit_cast<std::uintptr_t>(args.to) |
                               static_cast<std::uintptr_t>(args.block_bytes) |
                               static_cast<std::uintptr_t>(args.from_member) | 16;
  const int power = std::countr_zero(parts);
  args.unit = 1 << power;
  const std::int64_t blocks = std::int64_t{args.members} * args.outer * args.count;
  return {
      kNames[power], {blocks_for(blocks * (args.block_bytes / args.unit), kThreads)}, {kThreads}};
}

Launch launch_embedding(const EmbeddingArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("embedding");
  constexpr unsigned kThreads = 128;
  const std::int64_t packs = (args.length + 3) / 4;
  return {kNames[at(element)],
          {blocks_for(packs * args.positions * args.members, kThreads)},
          {kThreads}};
}

}  // namespace braid::cuda
