#pragma once

#include <cstdint>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// By value [n, c, spatial...]: into how many equal blocks its channels fall such that no
/// convolution around it looks across blocks. In a merged model these are the members. 1 where
/// some convolution reads all channels, or where the blocks would be too small to be worth it.
std::vector<std::int64_t> find_member_blocks(const Graph& graph);

}  // namespace braid
