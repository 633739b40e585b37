// Transpose {perm: p}(x) -> Transpose {perm: q} -> y   =>   Transpose {perm: p[q]}(x) -> y
//
// Exporters split the transposition of keys in different ways. The value between stays if others
// read it. Does not fire where a perm is not written out and the rank is not known.

#include <numeric>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

std::optional<Ints> perm_of(const Graph& graph, const Node& node) {
  if (node.attributes.has("perm")) return node.attributes.get_ints("perm");
  const auto rank = rank_of(graph, node.inputs[0]);
  if (!rank) return std::nullopt;
  Ints reversed(static_cast<std::size_t>(*rank));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  return reversed;
}

}  // namespace

bool join_transposes(Model& model) {
  Graph& graph = model.graph;
  const std::vector<int> producer = producers(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Transpose")) continue;
    const Node* inner = producer_of(graph, producer, node.inputs[0], "Transpose");
    if (inner == nullptr) continue;
    const auto first = perm_of(graph, *inner);
    auto joined = perm_of(graph, node);
    if (!first || !joined) continue;
    for (std::int64_t& axis : *joined)
      axis = (*first)[static_cast<std::size_t>(axis)];
    node.attributes.set("perm", *joined);
    node.inputs[0] = inner->inputs[0];
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
