#include "ir/rewrite.hpp"
#include "merge/align.hpp"

namespace braid {

void separate_constant_uses(Graph& graph) {
  NameSource names(graph);
  std::vector<bool> is_taken(graph.values.size(), false);
  for (const ValueId id : graph.outputs)
    is_taken[static_cast<std::size_t>(id)] = true;
  for (Node& node : graph.nodes) {
    for (ValueId& id : node.inputs) {
      if (id == kAbsent || !graph.value(id).is_constant()) continue;
      if (!is_taken[static_cast<std::size_t>(id)]) {
        is_taken[static_cast<std::size_t>(id)] = true;
        continue;
      }
      const Value original = graph.value(id);
      id = graph.add_constant(names.unique(original.name), original.constant);
      is_taken.push_back(true);
    }
  }
}

}  // namespace braid
