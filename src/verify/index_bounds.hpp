#pragma once

#include <cstdint>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// What index_bounds() says of values that nobody uses as an index.
inline constexpr std::int64_t kNoBound = -1;

/// For each value the number that its elements must stay below because an operator uses them,
/// moved about but otherwise as they are, to index a table; the least if there are several.
std::vector<std::int64_t> index_bounds(const Graph& graph);

}  // namespace braid
