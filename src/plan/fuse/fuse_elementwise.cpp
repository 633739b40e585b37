// y = f(g(x), h(x, z)), ...   =>   y = Elementwise <body = the same nodes> (x, z)
//
// Elementwise operators whose results have the dims of the last one, and are read by nothing but
// these operators, become one operator that passes over memory once. The nodes stand in its
// attribute `body`, a graph whose inputs are those of the operator. A result that is smaller and
// broadcast later stays outside, as it would be computed over and over; so does one that others
// read, too. Types are bool and the floats that the backend fuses.

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "ir/node_readers.hpp"
#include "ir/rewrite.hpp"
#include "plan/fuse/elementwise_nodes.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

// So that operands and what lies between them fit the registers that backends have.
constexpr std::size_t kMostOperations = 16;
constexpr std::size_t kMostInputs = 16;

constexpr int kNoGroup = -1;

class ElementwiseFuser {
 public:
  ElementwiseFuser(Graph& graph, const Backend& backend)
      : graph_(graph),
        backend_(backend),
        reader_counts_(reader_counts(graph)),
        readers_(node_readers(graph)) {}

  bool run() {
    find_groups();
    bool has_changed = false;
    for (const Group& group : groups_) {
      if (group.nodes.size() == 1) continue;
      Node node = fused(group);
      if (!has_kernel(graph_, node, backend_)) continue;
      for (const std::size_t n : group.nodes)
        graph_.nodes[n] = {};
      graph_.nodes[group.nodes.front()] = std::move(node);
      has_changed = true;
    }
    std::erase_if(graph_.nodes, [](const Node& node) { return node.outputs.empty(); });
    if (has_changed) remove_dead(graph_);
    return has_changed;
  }

 private:
  struct Group {
    std::vector<std::size_t> nodes;  // the last one first
    std::set<ValueId> reads;         // what they read, also of each other
  };

  DType dtype(ValueId id) const { return graph_.value(id).type.dtype; }

  bool have_dtype(const std::vector<ValueId>& ids, DType expected) const {
    return std::all_of(ids.begin(), ids.end(), [&](ValueId id) {
      return id == kAbsent || (dtype(id) == expected && known_dims(graph_, id));
    });
  }

  // Inference may be wrong, and a constant's type out of date; then the node is left to fail alone.
  bool broadcasts(const Node& node) const {
    const auto out = known_dims(graph_, node.outputs[0]);
    return out && std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
             if (id == kAbsent) return true;
             const Value& value = graph_.value(id);
             const auto dims =
                 value.is_constant() ? value.constant.dims() : *known_dims(graph_, id);
             const auto fits = [](std::int64_t a, std::int64_t b) { return a == 1 || a == b; };
             return dims.size() <= out->size() &&
                    std::equal(dims.rbegin(), dims.rend(), out->rbegin(), fits);
           });
  }

  bool is_elementwise(const Node& node) const {
    if (node.outputs.size() != 1 || node.inputs.empty()) return false;
    if (node.attributes.has("broadcast")) return false;  // before opset 7, by rules of its own
    return has_types(node) && broadcasts(node);
  }

  // Of any float types that the backend fuses: within an operator all are computed in float.
  bool are_floats(const std::vector<ValueId>& ids) const {
    return std::all_of(ids.begin(), ids.end(), [&](ValueId id) {
      return id == kAbsent || (backend_.fuses(dtype(id)) && known_dims(graph_, id));
    });
  }

  bool has_types(const Node& node) const {
    if (maps_floats(node)) return are_floats(node.inputs) && are_floats(node.outputs);
    if (compares_floats(node))
      return are_floats(node.inputs) && have_dtype(node.outputs, DType::Bool);
    if (maps_bools(node))
      return have_dtype(node.inputs, DType::Bool) && have_dtype(node.outputs, DType::Bool);
    if (node.is("Where")) {
      return have_dtype({node.inputs[0]}, DType::Bool) &&
             are_floats({node.inputs[1], node.inputs[2], node.outputs[0]});
    }
    if (!node.is("Cast") || !are_floats(node.outputs)) return false;
    const bool rounds = are_floats(node.inputs) && dtype(node.inputs[0]) != dtype(node.outputs[0]);
    return rounds || have_dtype(node.inputs, DType::Bool);
  }

  // From the last node to the first: a node joins the group that all of its readers belong to.
  // Then no path leaves a group and comes back, and it can stand where its last node stood.
  void find_groups() {
    group_of_.assign(graph_.nodes.size(), kNoGroup);
    for (std::size_t n = graph_.nodes.size(); n-- > 0;) {
      if (!is_elementwise(graph_.nodes[n])) continue;
      int group = group_of_readers(graph_.nodes[n]);
      if (group == kNoGroup) {
        group = static_cast<int>(groups_.size());
        groups_.emplace_back();
      }
      join(n, groups_[static_cast<std::size_t>(group)]);
      group_of_[n] = group;
    }
  }

  void join(std::size_t n, Group& group) const {
    const Node& node = graph_.nodes[n];
    group.nodes.push_back(n);
    group.reads.insert(node.inputs.begin(), node.inputs.end());
    group.reads.erase(node.outputs[0]);
    group.reads.erase(kAbsent);
  }

  int group_of_readers(const Node& node) const {
    const auto v = static_cast<std::size_t>(node.outputs[0]);
    if (readers_[v].empty() || reader_counts_[v] != static_cast<int>(readers_[v].size()))
      return kNoGroup;
    const int index = group_of_[readers_[v][0]];
    for (const std::size_t reader : readers_[v]) {
      if (group_of_[reader] != index) return kNoGroup;
    }
    if (index == kNoGroup) return kNoGroup;
    const Group& group = groups_[static_cast<std::size_t>(index)];
    const ValueId last = graph_.nodes[group.nodes.front()].outputs[0];
    const bool fits = group.nodes.size() < kMostOperations &&
                      group.reads.size() + node.inputs.size() <= kMostInputs;
    const bool is_as_large = known_dims(graph_, node.outputs[0]) == known_dims(graph_, last);
    return fits && is_as_large ? index : kNoGroup;
  }

  // The operator that takes the place of the group's last node.
  Node fused(const Group& group) const {
    const Node& last = graph_.nodes[group.nodes.front()];
    Node result;
    result.op_type = "Elementwise";
    result.domain = kFusedDomain;
    result.name = last.name;
    result.outputs = last.outputs;
    auto body = std::make_shared<Graph>();
    std::map<ValueId, ValueId> inner;
    const auto add_inner = [&](ValueId id) {
      const Value& value = graph_.value(id);
      return inner[id] = body->add_value(value.name, value.type);
    };
    for (auto n = group.nodes.rbegin(); n != group.nodes.rend(); ++n) {
      Node node = graph_.nodes[*n];
      for (ValueId& id : node.inputs) {
        if (id == kAbsent) continue;
        if (!inner.contains(id)) {
          result.inputs.push_back(id);
          body->inputs.push_back(add_inner(id));
        }
        id = inner.at(id);
      }
      node.outputs[0] = add_inner(node.outputs[0]);
      body->nodes.push_back(std::move(node));
    }
    body->outputs = {inner.at(last.outputs[0])};
    if (last.attributes.has(kFiniteLimit))
      result.attributes.set(kFiniteLimit, last.attributes.get_float(kFiniteLimit, 0));
    result.attributes.set("body", GraphPtr(std::move(body)));
    return result;
  }

  Graph& graph_;
  const Backend& backend_;
  std::vector<int> reader_counts_;                 // of each value
  std::vector<std::vector<std::size_t>> readers_;  // nodes that read each value
  std::vector<int> group_of_;                      // of each node
  std::vector<Group> groups_;
};

}  // namespace

bool fuse_elementwise(Model& model, const Backend& backend) {
  return ElementwiseFuser(model.graph, backend).run();
}

}  // namespace braid
