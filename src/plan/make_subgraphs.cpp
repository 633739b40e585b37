#include "plan/make_subgraphs.hpp"

#include <algorithm>

#include "braid/error.hpp"
#include "ir/traverse.hpp"
#include "ir/unshare.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

ValueId find_value(const Graph& graph, const std::string& name) {
  const auto found = std::find_if(graph.values.begin(), graph.values.end(),
                                  [&](const Value& value) { return value.name == name; });
  return found == graph.values.end() ? kAbsent : static_cast<ValueId>(found - graph.values.begin());
}

// Dims may change from turn to turn. They are inferred anew for each.
void forget_shapes(Graph& graph) {
  for (Value& value : graph.values) {
    if (!value.is_constant()) value.type.shape.reset();
  }
  for (const Node& node : graph.nodes)
    for_each_subgraph(node, [](const GraphPtr& inner) { forget_shapes(*inner); });
}

std::vector<Type> types_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<Type> types;
  for (const ValueId id : ids)
    types.push_back(graph.value(id).type);
  return types;
}

// A value of the enclosing graph becomes one of the subgraph's own: a constant or an input.
void capture(const Value& outer, const std::string& name, Graph& graph) {
  ValueId id = find_value(graph, name);
  if (id == kAbsent) id = graph.add_value(name);
  Value& value = graph.value(id);
  value.is_outer = false;
  value.type = outer.type;
  value.constant = outer.constant;
  if (!value.is_constant()) graph.inputs.push_back(id);
}

Subgraph make_subgraph(const Model& model, const std::string& attribute, const Graph& original,
                       const SubgraphCompiler& compile_subgraph, std::size_t first_captured,
                       std::vector<ValueId>& captured) {
  constexpr std::int64_t kInitializersNeedNoInputs = 4;
  Model inner;
  inner.ir_version = std::max(model.ir_version, kInitializersNeedNoInputs);
  inner.opsets = model.opsets;
  inner.graph = original;
  Graph& graph = inner.graph;
  unshare_subgraphs(graph);
  std::vector<Type> inputs = types_of(graph, graph.inputs);
  std::vector<Type> outputs = types_of(graph, graph.outputs);
  for (const ValueId id : graph.inputs)
    graph.value(id).constant = {};  // a default; the node always gives a value
  std::vector<std::size_t> positions;
  for (const std::string& name : outer_names(original)) {
    const ValueId outer = find_value(model.graph, name);
    if (outer == kAbsent) {
      throw Error(ErrorKind::BadInput,
                  "subgraph '" + attribute + "' reads '" + name + "', which does not exist");
    }
    capture(model.graph.value(outer), name, graph);
    if (model.graph.value(outer).is_constant()) continue;
    positions.push_back(first_captured + captured.size());
    captured.push_back(outer);
  }
  densify_sparse_initializers(inner);
  forget_shapes(graph);
  return {attribute, compile_subgraph(std::move(inner)), std::move(inputs), std::move(outputs),
          std::move(positions)};
}

}  // namespace

bool runs_subgraphs(const Node& node) {
  return node.domain.empty() && is_control_flow(node.op_type);
}

std::vector<Subgraph> make_subgraphs(const Model& model, const Node& node,
                                     const SubgraphCompiler& compile_subgraph,
                                     std::vector<ValueId>& captured) {
  std::vector<Subgraph> subgraphs;
  for (const Attribute& attribute : node.attributes) {
    const auto* const graph = std::get_if<GraphPtr>(&attribute.value);
    if (graph == nullptr) continue;
    subgraphs.push_back(make_subgraph(model, attribute.name, **graph, compile_subgraph,
                                      node.inputs.size(), captured));
  }
  return subgraphs;
}

}  // namespace braid
