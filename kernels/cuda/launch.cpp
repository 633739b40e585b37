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

}  // namespace braid::cuda
