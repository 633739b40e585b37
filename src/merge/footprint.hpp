#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "braid/graph.hpp"
#include "braid/merge.hpp"

namespace braid {

/// Counts what running a graph once takes; values must have types. Sizes that are neither known
/// nor in `dims` count as 1.
Footprint footprint_of(const Graph& graph, const std::map<std::string, std::int64_t>& dims);

}  // namespace braid
