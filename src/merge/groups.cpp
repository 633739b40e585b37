#include "merge/groups.hpp"

#include <numeric>

namespace braid {
namespace {

Alignment identity(const Graph& graph) {
  Alignment alignment;
  alignment.values.resize(graph.values.size());
  std::iota(alignment.values.begin(), alignment.values.end(), 0);
  alignment.nodes.resize(graph.nodes.size());
  std::iota(alignment.nodes.begin(), alignment.nodes.end(), 0);
  return alignment;
}

// Counting operators first saves walking graphs that cannot align.
bool joins(const Model& model, FoundGroup& group) {
  const Graph& exemplar = group.aligned.exemplar();
  if (operator_counts(exemplar) != operator_counts(model.graph)) return false;
  Difference ignored;
  auto alignment = align(exemplar, model.graph, ignored);
  if (!alignment) return false;
  group.aligned.graphs.push_back(&model.graph);
  group.aligned.alignments.push_back(std::move(*alignment));
  return true;
}

}  // namespace

std::map<std::string, int> operator_counts(const Graph& graph) {
  std::map<std::string, int> counts;
  for (const Node& node : graph.nodes)
    ++counts[node.domain + "." + node.op_type];
  return counts;
}

std::vector<FoundGroup> sort_into_groups(const std::vector<const Model*>& models) {
  std::vector<FoundGroup> groups;
  for (std::size_t m = 0; m < models.size(); ++m) {
    bool has_joined = false;
    for (FoundGroup& group : groups) {
      has_joined = joins(*models[m], group);
      if (!has_joined) continue;
      group.members.push_back(m);
      break;
    }
    if (has_joined) continue;
    FoundGroup group;
    group.members = {m};
    group.aligned.exemplar_graph = &models[m]->graph;
    group.aligned.graphs = {&models[m]->graph};
    group.aligned.alignments = {identity(models[m]->graph)};
    if (!groups.empty()) {
      Difference difference;
      align(groups[0].aligned.exemplar(), models[m]->graph, difference);
      group.difference = std::move(difference);
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace braid
