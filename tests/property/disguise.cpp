#include "property/disguise.hpp"

#include <algorithm>
#include <set>

#include "ir/traverse.hpp"
#include "verify/random.hpp"

namespace braid::property {
namespace {

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.below(i)]);
}

void insert_identities(Graph& graph, Random& random) {
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    for (ValueId& id : node.inputs) {
      if (id == kAbsent || random.below(5) > 0) continue;
      Node identity;
      identity.op_type = "Identity";
      identity.inputs = {id};
      id = graph.add_value("identity_" + std::to_string(graph.values.size()), graph.value(id).type);
      identity.outputs = {id};
      nodes.push_back(std::move(identity));
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
}

void use_constant_nodes(Graph& graph, bool has_integers, Random& random) {
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    Value& value = graph.values[i];
    const auto id = static_cast<ValueId>(i);
    if (!value.is_constant() || graph.is_output(id) || random.below(3) > 0) continue;
    if (!has_integers && !is_float(value.constant.dtype())) continue;
    Node node;
    node.op_type = "Constant";
    node.outputs = {id};
    node.attributes.set("value", value.constant);
    value.constant = {};
    nodes.push_back(std::move(node));
  }
  graph.nodes.insert(graph.nodes.begin(), nodes.begin(), nodes.end());
}

}  // namespace

void rename_values(Graph& graph, int member) {
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    // Where one member has a name, the next one has another value of that name.
    const std::size_t number = (i + 7 * static_cast<std::size_t>(member)) % graph.values.size();
    graph.values[i].name = "v" + std::to_string(number);
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    graph.nodes[i].name =
        graph.nodes[i].op_type + "_" + std::to_string(i) + "_" + std::to_string(member);
  }
}

void list_constants_as_inputs(Graph& graph) {
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].is_constant()) graph.inputs.push_back(static_cast<ValueId>(i));
  }
}

void disguise(Model& model, const Disguise& ways, std::uint64_t seed) {
  Random random(seed);
  if (ways.inserts_identities) insert_identities(model.graph, random);
  constexpr std::int64_t kConstantHasIntegers = 9;
  if (ways.uses_constant_nodes)
    use_constant_nodes(model.graph, model.opset() >= kConstantHasIntegers, random);
  if (ways.reorders_nodes) {
    shuffle(model.graph.nodes, random);
    sort_nodes(model.graph, "disguise");
  }
  if (ways.reorders_inputs) shuffle(model.graph.inputs, random);
}

}  // namespace braid::property
