#include "merge/subgraph_group.hpp"

#include <algorithm>
#include <set>

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "ir/traverse.hpp"
#include "merge/align.hpp"
#include "merge/group_facts.hpp"

namespace braid {
namespace {

GraphPtr subgraph_of(const Node& node, const std::string& attribute) {
  const Attribute* found = node.attributes.find(attribute);
  const auto* graph = found != nullptr ? std::get_if<GraphPtr>(&found->value) : nullptr;
  return graph != nullptr ? *graph : nullptr;
}

ValueId find_value(const Graph& graph, const std::string& name) {
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    if (graph.values[v].name == name) return static_cast<ValueId>(v);
  }
  return kAbsent;
}

// The subgraph as a model of its own. What it reads of the graph around are inputs, or constants
// where they are constants there.
Model as_model(const Graph& around, const Graph& subgraph, std::int64_t opset) {
  Model model;
  model.ir_version = 8;
  model.opsets = {{"", opset}};
  model.graph = subgraph;
  Graph& graph = model.graph;
  std::set<std::string> met;
  for (const std::string& name : outer_names(subgraph)) {
    if (!met.insert(name).second) continue;
    const ValueId outer = find_value(around, name);
    if (outer == kAbsent) continue;
    ValueId id = find_value(graph, name);
    if (id == kAbsent) id = graph.add_value(name);
    Value& value = graph.value(id);
    value.is_outer = false;
    value.type = around.value(outer).type;
    value.constant = around.value(outer).constant;
    if (!value.is_constant()) graph.inputs.push_back(id);
  }
  return model;
}

bool prepare(Model& model) {
  try {
    canonicalise(model);
  } catch (const Error&) {
    return false;  // then the members run their own
  }
  separate_constant_uses(model.graph);
  return true;
}

// Inputs must correspond: the formal ones by place, the outer ones as the graphs around do.
bool add_member(const AlignedGroup& around, const Model& member, std::size_t index,
                SubgraphGroup& group) {
  const Graph& graph = group.exemplar.graph;
  Difference ignored;
  auto alignment = align(graph, member.graph, ignored);
  if (!alignment || member.graph.inputs.size() != graph.inputs.size()) return false;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const ValueId own = alignment->values[static_cast<std::size_t>(graph.inputs[i])];
    if (i < group.formal_count) {
      if (own != member.graph.inputs[i]) return false;
      continue;
    }
    const ValueId outer = around.value_of(index, group.outer[i - group.formal_count]);
    if (outer == kAbsent) return false;
    if (around.graphs[index]->value(outer).name != member.graph.value(own).name) return false;
  }
  group.aligned.graphs.push_back(&member.graph);
  group.aligned.alignments.push_back(std::move(*alignment));
  return true;
}

bool are_all_shared(const GroupFacts& facts) {
  const bool are_weights_shared =
      std::all_of(facts.classes.begin(), facts.classes.end(),
                  [](const ShareClasses& classes) { return classes.count <= 1; });
  if (!are_weights_shared) return false;
  for (std::size_t n = 0; n < facts.graph().nodes.size(); ++n) {
    if (have_different_subgraphs(facts, n)) return false;
  }
  return true;
}

std::shared_ptr<const SubgraphGroup> make_group(const GroupFacts& facts, std::size_t node,
                                                const std::string& attribute) {
  const Graph& around = facts.graph();
  const GraphPtr subgraph = subgraph_of(around.nodes[node], attribute);
  if (subgraph == nullptr) return nullptr;
  auto group = std::make_shared<SubgraphGroup>();
  group->formal_count = subgraph->inputs.size();
  group->exemplar = as_model(around, *subgraph, facts.opset);
  if (!prepare(group->exemplar)) return nullptr;
  const Graph& graph = group->exemplar.graph;
  if (graph.inputs.size() < group->formal_count) return nullptr;
  for (std::size_t i = group->formal_count; i < graph.inputs.size(); ++i)
    group->outer.push_back(find_value(around, graph.value(graph.inputs[i]).name));
  group->aligned.exemplar_graph = &graph;
  const AlignedGroup& members = *facts.group;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const GraphPtr own = subgraph_of(members.node_of(m, node), attribute);
    if (own == nullptr) return nullptr;
    auto member = std::make_unique<Model>(as_model(*members.graphs[m], *own, facts.opset));
    if (!prepare(*member) || !add_member(members, *member, m, *group)) return nullptr;
    group->members.push_back(std::move(member));
  }
  group->facts = find_facts(group->aligned, facts.opset, *facts.options, *facts.contents);
  group->is_uniform = are_all_shared(group->facts);
  return group;
}

}  // namespace

std::shared_ptr<const SubgraphGroup> find_subgraph_group(const GroupFacts& facts, std::size_t node,
                                                         const std::string& attribute) {
  const auto [found, is_new] = facts.subgraphs->try_emplace({node, attribute});
  if (is_new) found->second = make_group(facts, node, attribute);
  return found->second;
}

}  // namespace braid
