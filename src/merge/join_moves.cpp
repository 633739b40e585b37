#include "merge/join_moves.hpp"

#include <algorithm>
#include <numeric>

#include "ir/rewrite.hpp"

namespace braid {
namespace {

using Perm = std::vector<std::int64_t>;

const Node* producer_of(const Graph& graph, const std::vector<int>& producer, ValueId id) {
  const int n = id == kAbsent ? -1 : producer[static_cast<std::size_t>(id)];
  return n < 0 ? nullptr : &graph.nodes[static_cast<std::size_t>(n)];
}

// Both must say their permutation: what is reversed by default depends on the rank.
bool join_transposes(Graph& graph, const std::vector<int>& producer, Node& node,
                     Replacement& replacement) {
  const Node* first = producer_of(graph, producer, node.input(0));
  if (first == nullptr || !first->is("Transpose")) return false;
  const Perm before = first->attributes.get_ints("perm");
  const Perm behind = node.attributes.get_ints("perm");
  if (before.empty() || before.size() != behind.size()) return false;
  Perm joined;
  for (const std::int64_t axis : behind)
    joined.push_back(before[static_cast<std::size_t>(axis)]);
  Perm identity(joined.size());
  std::iota(identity.begin(), identity.end(), 0);
  if (joined == identity) return replacement.replace(node.outputs[0], first->inputs[0]);
  node.inputs[0] = first->inputs[0];
  node.attributes.set("perm", joined);
  return true;
}

bool join_reshapes(const Graph& graph, const std::vector<int>& producer, Node& node) {
  const Node* first = producer_of(graph, producer, node.input(0));
  if (first == nullptr || !first->is("Reshape")) return false;
  const auto target = constant_ints(graph, node.input(1));
  if (!target || std::find(target->begin(), target->end(), 0) != target->end()) return false;
  node.inputs[0] = first->inputs[0];
  return true;
}

}  // namespace

void join_moves(Graph& graph) {
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    const std::vector<int> producer = producers(graph);
    Replacement replacement(graph);
    for (Node& node : graph.nodes) {
      if (node.is("Transpose")) {
        has_changed |= join_transposes(graph, producer, node, replacement);
      } else if (node.is("Reshape")) {
        has_changed |= join_reshapes(graph, producer, node);
      }
    }
    replacement.apply();
    remove_dead(graph);
  }
}

}  // namespace braid
