// Slice(x[b,32], 0, 16, axis 1) -> y, Slice(x, 16, 32, axis 1) -> z   =>   Split(x, [16,16]) -> y,
// z
//
// Some exporters cut a tensor with Slice, others with Split. Does not fire when the slices are not
// all of the axis, without gap or overlap, when its size is not known, nor before opset 13.

#include <algorithm>
#include <map>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

struct Cut {
  std::int64_t start;
  std::int64_t end;
  std::size_t node;
};

// By value and axis.
using Cuts = std::map<std::pair<ValueId, std::int64_t>, std::vector<Cut>>;

std::optional<std::int64_t> only_int(const Graph& graph, ValueId id) {
  const auto numbers = constant_ints(graph, id);
  if (!numbers || numbers->size() != 1) return std::nullopt;
  return (*numbers)[0];
}

void add_cut(const Graph& graph, std::size_t n, Cuts& cuts) {
  const Node& node = graph.nodes[n];
  const Shape* shape = shape_of(graph, node.input(0));
  const auto start = only_int(graph, node.input(1));
  const auto end = only_int(graph, node.input(2));
  const auto given = node.input(3) == kAbsent ? 0 : only_int(graph, node.inputs[3]);
  const auto step = node.input(4) == kAbsent ? 1 : only_int(graph, node.inputs[4]);
  if (shape == nullptr || !start || !end || !given || step != 1) return;
  const std::int64_t axis = *given < 0 ? *given + static_cast<std::int64_t>(shape->size()) : *given;
  if (axis < 0 || axis >= static_cast<std::int64_t>(shape->size())) return;
  const Dim& dim = (*shape)[static_cast<std::size_t>(axis)];
  if (!dim.is_known()) return;
  cuts[{node.inputs[0], axis}].push_back(
      {bounded_place(*start, dim.size), bounded_place(*end, dim.size), n});
}

// Puts the cuts in order; false if they leave something out or overlap.
bool are_all(std::vector<Cut>& cuts, std::int64_t size) {
  std::sort(cuts.begin(), cuts.end(), [](const Cut& a, const Cut& b) {
    return std::pair(a.start, a.end) < std::pair(b.start, b.end);
  });
  std::int64_t at = 0;
  for (const Cut& cut : cuts) {
    if (cut.start != at || cut.end <= cut.start) return false;
    at = cut.end;
  }
  return at == size && cuts.size() > 1;
}

Node split_node(Graph& graph, NameSource& names, const std::vector<Cut>& cuts, ValueId data,
                std::int64_t axis) {
  Node split;
  split.op_type = "Split";
  split.name = graph.nodes[cuts[0].node].name;
  std::vector<std::int64_t> sizes;
  for (const Cut& cut : cuts) {
    sizes.push_back(cut.end - cut.start);
    split.outputs.push_back(graph.nodes[cut.node].outputs[0]);
  }
  const auto count = static_cast<std::int64_t>(sizes.size());
  split.inputs = {
      data, graph.add_constant(names.unique("sizes"), Tensor::of<std::int64_t>({count}, sizes))};
  split.attributes.set("axis", axis);
  return split;
}

}  // namespace

bool join_slices(Model& model) {
  if (model.opset() < 13) return false;
  Graph& graph = model.graph;
  Cuts cuts;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (graph.nodes[n].is("Slice")) add_cut(graph, n, cuts);
  }
  NameSource names(graph);
  std::vector<bool> is_joined(graph.nodes.size(), false);
  bool has_changed = false;
  for (auto& [key, own] : cuts) {
    const auto& [data, axis] = key;
    const Dim& dim = (*shape_of(graph, data))[static_cast<std::size_t>(axis)];
    if (!are_all(own, dim.size)) continue;
    std::size_t first = own[0].node;
    for (const Cut& cut : own) {
      is_joined[cut.node] = true;
      first = std::min(first, cut.node);
    }
    Node split = split_node(graph, names, own, data, axis);
    graph.nodes[first] = std::move(split);  // before every reader of any part
    is_joined[first] = false;
    has_changed = true;
  }
  if (!has_changed) return false;
  std::vector<Node> kept;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!is_joined[n]) kept.push_back(std::move(graph.nodes[n]));
  }
  graph.nodes = std::move(kept);
  remove_dead(graph);
  return true;
}

}  // namespace braid
