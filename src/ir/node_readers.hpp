#pragma once

#include <cstddef>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// By value: the nodes that read it, in their order, once for each time that they do. Graph outputs
/// and subgraphs do not count; see reader_counts().
std::vector<std::vector<std::size_t>> node_readers(const Graph& graph);

}  // namespace braid
