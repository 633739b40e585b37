#include "ir/unshare.hpp"

namespace braid {
namespace {

GraphPtr copy_of(const GraphPtr& original) {
  auto copy = std::make_shared<Graph>(*original);
  unshare_subgraphs(*copy);
  return copy;
}

}  // namespace

void unshare_subgraphs(Graph& graph) {
  for (Node& node : graph.nodes) {
    for (Attribute& attribute : node.attributes) {
      if (auto* const inner = std::get_if<GraphPtr>(&attribute.value)) *inner = copy_of(*inner);
      if (auto* const list = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
        for (GraphPtr& inner : *list)
          inner = copy_of(inner);
      }
    }
  }
}

}  // namespace braid
