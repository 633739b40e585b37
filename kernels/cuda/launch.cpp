#include "kernels/cuda/launch.hpp"

#include <limits>
#include <stdexcept>

namespace braid::cuda {

unsigned blocks_for(std::int64_t count, std::int64_t per_block) {
  const std::int64_t blocks = (count + per_block - 1) / per_block;
  if (blocks > std::numeric_limits<std::int32_t>::max())
    throw std::length_error("a launch of more blocks than a grid can have");
  return static_cast<unsigned>(blocks);
}

unsigned blocks_of_threads(std::int64_t count, unsigned threads) {
  if (count > std::int64_t{std::numeric_limits<std::uint32_t>::max()} - threads)
    throw std::length_error("a launch of more threads than 32 bits can number");
  return blocks_for(count, threads);
}

}  // namespace braid::cuda
