#include "kernels/cuda/reverse_sequence.hpp"

#include <bit>

#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

Launch launch_reverse_sequence(const ReverseSequenceArgs& args) {
  static constexpr const char* kNames[] = {"reverse_sequence_1", "reverse_sequence_2",
                                           "reverse_sequence_4", "reverse_sequence_8"};
  constexpr unsigned kThreads = 256;
  const std::int64_t count =
      std::int64_t{args.outer} * args.first * args.middle * args.second * args.inner;
  return {kNames[std::countr_zero(static_cast<unsigned>(args.width))],
          {blocks_for(count, kThreads)},
          {kThreads}};
}

}  // namespace braid::cuda
