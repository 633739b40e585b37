#include "merge/subgraphs.hpp"

namespace braid {
namespace {

GraphPtr clone(const Graph& original, std::map<std::string, std::string> renamed,
               NameSource& names) {
  auto graph = std::make_shared<Graph>(original);
  for (Value& value : graph->values) {
    if (!value.is_outer) renamed[value.name] = names.unique(value.name);
    if (const auto found = renamed.find(value.name); found != renamed.end()) {
      value.name = found->second;
    }
  }
  for (auto& [name, tensor] : graph->sparse_initializers)
    name = renamed.at(name);
  for (Node& node : graph->nodes)
    clone_subgraphs(node, renamed, names);
  return graph;
}

}  // namespace

void clone_subgraphs(Node& node, const std::map<std::string, std::string>& renamed,
                     NameSource& names) {
  for (Attribute& attribute : node.attributes) {
    if (auto* graph = std::get_if<GraphPtr>(&attribute.value)) {
      *graph = clone(**graph, renamed, names);
    }
    if (auto* graphs = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (GraphPtr& graph : *graphs)
        graph = clone(*graph, renamed, names);
    }
  }
}

}  // namespace braid
