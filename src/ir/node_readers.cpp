#include "ir/node_readers.hpp"

namespace braid {

std::vector<std::vector<std::size_t>> node_readers(const Graph& graph) {
  std::vector<std::vector<std::size_t>> readers(graph.values.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId id : graph.nodes[n].inputs) {
      if (id != kAbsent) readers[static_cast<std::size_t>(id)].push_back(n);
    }
  }
  return readers;
}

}  // namespace braid
