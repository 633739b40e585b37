#include "kernels/cuda/recurrent_sequence.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr int kRows = 4;    // sequences of a block
constexpr int kArrays = 5;  // of a float for each of its units and rows
constexpr int kMostThreads = 256;

}  // namespace

Launch launch_recurrent_sequence(const RecurrentSequenceArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("recurrent_sequence");
  if (args.size > kLargestSequenceState)
    throw std::invalid_argument("a recurrent state that does not fit into shared memory");
  const std::int64_t tiles = (args.batch + kRows - 1) / kRows;
  const int threads = std::min((args.size + 31) / 32 * 32, kMostThreads);
  const std::size_t shared = sizeof(float) * kArrays * kRows * static_cast<std::size_t>(args.size);
  return {kNames[at(element)],
          {blocks_for(tiles * args.directions * args.members, 1)},
          {static_cast<unsigned>(threads)},
          static_cast<unsigned>(shared)};
}

}  // namespace braid::cuda
