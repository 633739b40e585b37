#pragma once

#include <cstdint>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// Where a tensor is used, once nodes that only rearrange it are passed.
struct Reader {
  const Node* node = nullptr;      ///< null if nobody computes with it
  std::size_t slot = 0;            ///< which input of the node
  std::vector<std::int64_t> dims;  ///< of the tensor as the node sees it
};

/// The first node that computes with a value of these dims.
Reader find_reader(const Graph& graph, ValueId value, std::vector<std::int64_t> dims);

}  // namespace braid
