#pragma once

#include <cstdint>
#include <vector>

#include "braid/tensor.hpp"
#include "synth/distribution.hpp"

namespace braid {

/// A tensor of random values: the same for equal arguments, whatever the number of threads.
Tensor draw(DType dtype, const std::vector<std::int64_t>& dims, const Distribution& distribution,
            std::uint64_t key);

}  // namespace braid
