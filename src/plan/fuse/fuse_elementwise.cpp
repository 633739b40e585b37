// y = f(g(x), h(x, z)), ...   =>   y = Elementwise <body = the same nodes> (x, z)
//
// Elementwise operators whose results have the dims of the last one, and are read by nothing but
// these operators, become one operator that passes over memory once. The nodes stand in its
// attribute `body`, a graph whose inputs are those of the operator. A result that is smaller and
// broadcast later stays outside, as it would be computed over and over; so does one that others
// read, too. Types are float and bool.

#include <algorithm>
#include <array>
#include <memory>

#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"

namespace braid {
namespace {

// So that all that lies between them fits the registers that backends have.
constexpr std::size_t kMostOperations = 16;

constexpr int kNoGroup = -1;

template <std::size_t N>
bool is_any(const Node& node, const std::array<const char*, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return node.is(name); });
}

bool maps_floats(const Node& node) {
  static constexpr std::array kNames = {"Abs",         "Add",
                                        "Ceil",        "Celu",
                                        "Clip",        "Cos",
                                        "Div",         "Elu",
                                        "Erf",         "Exp",
                                        "Floor",       "Gelu",
                                        "HardSigmoid", "HardSwish",
                                        "LeakyRelu",   "Log",
                                        "Max",         "Min",
                                        "Mish",        "Mul",
                                        "Neg",         "PRelu",
                                        "Pow",         "Reciprocal",
                                        "Relu",        "Round",
                                        "Selu",        "Sigmoid",
                                        "Sign",        "Sin",
                                        "Softplus",    "Softsign",
                                        "Sqrt",        "Sub",
                                        "Sum",         "Swish",
                                        "Tanh",        "ThresholdedRelu"};
  return is_any(node, kNames);
}

bool compares_floats(const Node& node) {
  return is_any(node, std::array{"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"});
}

bool maps_bools(const Node& node) {
  return is_any(node, std::array{"And", "Not", "Or", "Xor"});
}

class ElementwiseFuser {
 public:
  ElementwiseFuser(Graph& graph, const Backend& backend) : graph_(graph), backend_(backend) {}

  bool run() {
    find_readers();
    find_groups();
    bool has_changed = false;
    std::vector<Node> nodes;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const int group = group_of_[n];
      if (group == kNoGroup || !is_fused(group)) {
        nodes.push_back(graph_.nodes[n]);
      } else if (groups_[static_cast<std::size_t>(group)].front() == n) {
        nodes.push_back(*fused_[static_cast<std::size_t>(group)]);
        has_changed = true;
      }
    }
    graph_.nodes = std::move(nodes);
    if (has_changed) remove_dead(graph_);
    return has_changed;
  }

 private:
  DType dtype(ValueId id) const { return graph_.value(id).type.dtype; }

  bool have_dtype(const std::vector<ValueId>& ids, DType expected) const {
    return std::all_of(ids.begin(), ids.end(), [&](ValueId id) {
      return id == kAbsent || (dtype(id) == expected && known_dims(graph_, id));
    });
  }

  bool is_elementwise(const Node& node) const {
    if (node.outputs.size() != 1 || node.inputs.empty()) return false;
    if (maps_floats(node))
      return have_dtype(node.inputs, DType::Float32) && have_dtype(node.outputs, DType::Float32);
    if (compares_floats(node))
      return have_dtype(node.inputs, DType::Float32) && have_dtype(node.outputs, DType::Bool);
    if (maps_bools(node))
      return have_dtype(node.inputs, DType::Bool) && have_dtype(node.outputs, DType::Bool);
    if (node.is("Where")) {
      return have_dtype({node.inputs[0]}, DType::Bool) &&
             have_dtype({node.inputs[1], node.inputs[2], node.outputs[0]}, DType::Float32);
    }
    return node.is("Cast") && have_dtype(node.inputs, DType::Bool) &&
           have_dtype(node.outputs, DType::Float32);
  }

  void find_readers() {
    reader_counts_ = reader_counts(graph_);
    readers_.resize(graph_.values.size());
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (const ValueId id : graph_.nodes[n].inputs) {
        if (id != kAbsent) readers_[static_cast<std::size_t>(id)].push_back(n);
      }
    }
  }

  // From the last node to the first: a node joins the group that all of its readers belong to.
  // Then no path leaves a group and comes back, and it can stand where its last node stood.
  void find_groups() {
    group_of_.assign(graph_.nodes.size(), kNoGroup);
    for (std::size_t n = graph_.nodes.size(); n-- > 0;) {
      if (!is_elementwise(graph_.nodes[n])) continue;
      int group = group_of_readers(graph_.nodes[n].outputs[0]);
      if (group == kNoGroup) {
        group = static_cast<int>(groups_.size());
        groups_.emplace_back();
      }
      groups_[static_cast<std::size_t>(group)].push_back(n);
      group_of_[n] = group;
    }
    for (const auto& group : groups_)
      fused_.push_back(fuse(group));
  }

  int group_of_readers(ValueId id) const {
    const std::vector<std::size_t>& readers = readers_[static_cast<std::size_t>(id)];
    const int count = reader_counts_[static_cast<std::size_t>(id)];
    if (readers.empty() || count != static_cast<int>(readers.size())) return kNoGroup;
    const int group = group_of_[readers[0]];
    for (const std::size_t reader : readers) {
      if (group_of_[reader] != group) return kNoGroup;
    }
    if (group == kNoGroup) return kNoGroup;
    const std::vector<std::size_t>& nodes = groups_[static_cast<std::size_t>(group)];
    const ValueId last = graph_.nodes[nodes.front()].outputs[0];
    const bool fits =
        nodes.size() < kMostOperations && known_dims(graph_, id) == known_dims(graph_, last);
    return fits ? group : kNoGroup;
  }

  bool is_fused(int group) const { return fused_[static_cast<std::size_t>(group)] != nullptr; }

  // The operator that takes the place of nodes, of which the last comes first; null if there is no
  // use or no kernel.
  std::unique_ptr<Node> fuse(const std::vector<std::size_t>& nodes) const {
    if (nodes.size() < 2) return nullptr;
    const Node& last = graph_.nodes[nodes.front()];
    auto fused = std::make_unique<Node>();
    fused->op_type = "Elementwise";
    fused->domain = kFusedDomain;
    fused->name = last.name;
    fused->outputs = last.outputs;
    auto body = std::make_shared<Graph>();
    std::vector<ValueId> inner(graph_.values.size(), kAbsent);
    const auto add_inner = [&](ValueId id) {
      const Value& value = graph_.value(id);
      return inner[static_cast<std::size_t>(id)] = body->add_value(value.name, value.type);
    };
    for (auto n = nodes.rbegin(); n != nodes.rend(); ++n) {
      Node node = graph_.nodes[*n];
      for (ValueId& id : node.inputs) {
        if (id == kAbsent) continue;
        if (inner[static_cast<std::size_t>(id)] == kAbsent) {
          fused->inputs.push_back(id);
          body->inputs.push_back(add_inner(id));
        }
        id = inner[static_cast<std::size_t>(id)];
      }
      node.outputs[0] = add_inner(node.outputs[0]);
      body->nodes.push_back(std::move(node));
    }
    body->outputs = {inner[static_cast<std::size_t>(last.outputs[0])]};
    fused->attributes.set("body", GraphPtr(std::move(body)));
    return has_kernel(graph_, *fused, backend_) ? std::move(fused) : nullptr;
  }

  Graph& graph_;
  const Backend& backend_;
  std::vector<int> reader_counts_;                 // of each value
  std::vector<std::vector<std::size_t>> readers_;  // nodes that read each value
  std::vector<int> group_of_;                      // of each node
  std::vector<std::vector<std::size_t>> groups_;   // nodes, the last one first
  std::vector<std::unique_ptr<Node>> fused_;       // of each group
};

}  // namespace

bool fuse_elementwise(Model& model, const Backend& backend) {
  return ElementwiseFuser(model.graph, backend).run();
}

}  // namespace braid
