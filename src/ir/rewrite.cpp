#include "ir/rewrite.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <unordered_map>

#include "ir/traverse.hpp"

namespace braid {

void NameSource::reserve(const Graph& graph) {
  for (const Value& value : graph.values)
    taken_.insert(value.name);
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [&](const GraphPtr& inner) { reserve(*inner); });
  }
}

std::string NameSource::unique(const std::string& hint) {
  if (taken_.insert(hint).second) return hint;
  for (int number = 2;; ++number) {
    std::string name = hint + "_" + std::to_string(number);
    if (taken_.insert(name).second) return name;
  }
}

namespace {

std::vector<bool> read_by_subgraphs(const Graph& graph) {
  std::unordered_set<std::string> names;
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [&](const GraphPtr& inner) {
      for (std::string& name : outer_names(*inner))
        names.insert(std::move(name));
    });
  }
  std::vector<bool> is_read(graph.values.size(), false);
  if (names.empty()) return is_read;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    is_read[i] = names.contains(graph.values[i].name);
  }
  return is_read;
}

std::vector<bool> flags(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<bool> result(graph.values.size(), false);
  for (const ValueId id : ids) {
    if (id != kAbsent) result[static_cast<std::size_t>(id)] = true;
  }
  return result;
}

}  // namespace

Replacement::Replacement(Graph& graph)
    : graph_(graph),
      target_(graph.values.size(), kAbsent),
      is_pinned_(read_by_subgraphs(graph)),
      is_output_(flags(graph, graph.outputs)),
      is_produced_(graph.values.size(), false) {
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id != kAbsent) is_produced_[static_cast<std::size_t>(id)] = true;
    }
  }
}

ValueId Replacement::resolve(ValueId id) const {
  while (static_cast<std::size_t>(id) < target_.size() &&
         target_[static_cast<std::size_t>(id)] != kAbsent) {
    id = target_[static_cast<std::size_t>(id)];
  }
  return id;
}

bool Replacement::replace(ValueId from, ValueId to) {
  to = resolve(to);
  const auto f = static_cast<std::size_t>(from);
  const auto t = static_cast<std::size_t>(to);
  if (is_pinned_[f] || f == t) return false;
  if (is_output_[f]) {
    // The output's name moves to `to`, which must be free to take it.
    if (t >= target_.size() || is_output_[t] || is_pinned_[t] || !is_produced_[t]) return false;
    std::swap(graph_.value(from).name, graph_.value(to).name);
    graph_.value(to).doc = graph_.value(from).doc;
    // An output's declared shape may say more than was inferred.
    if (!graph_.value(to).type.shape) graph_.value(to).type = graph_.value(from).type;
    is_output_[t] = true;
    is_output_[f] = false;
  }
  target_[f] = to;
  has_replaced_ = true;
  return true;
}

bool Replacement::apply() {
  if (!has_replaced_) return false;
  for (Node& node : graph_.nodes) {
    for (ValueId& id : node.inputs) {
      if (id != kAbsent) id = resolve(id);
    }
  }
  for (ValueId& id : graph_.outputs)
    id = resolve(id);
  return true;
}

void remove_dead(Graph& graph) {
  std::vector<bool> is_used = read_by_subgraphs(graph);
  const auto use = [&](ValueId id) {
    if (id != kAbsent) is_used[static_cast<std::size_t>(id)] = true;
  };
  for (const ValueId id : graph.outputs)
    use(id);
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    bool is_needed = false;
    for (const ValueId id : node->outputs) {
      if (id != kAbsent && is_used[static_cast<std::size_t>(id)]) is_needed = true;
    }
    if (!is_needed) continue;
    for (const ValueId id : node->inputs)
      use(id);
    for (const ValueId id : node->outputs)
      use(id);
    kept.push_back(std::move(*node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));

  for (const ValueId id : graph.inputs)
    use(id);
  std::vector<ValueId> renumbered(graph.values.size(), kAbsent);
  std::vector<Value> values;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (!is_used[i]) continue;
    renumbered[i] = static_cast<ValueId>(values.size());
    values.push_back(std::move(graph.values[i]));
  }
  graph.values = std::move(values);
  const auto renumber = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids) {
      if (id != kAbsent) id = renumbered[static_cast<std::size_t>(id)];
    }
  };
  renumber(graph.inputs);
  renumber(graph.outputs);
  for (Node& node : graph.nodes) {
    renumber(node.inputs);
    renumber(node.outputs);
  }
}

const Shape* shape_of(const Graph& graph, ValueId id) {
  if (id == kAbsent) return nullptr;
  const Type& type = graph.value(id).type;
  return type.is_tensor() && type.shape ? &*type.shape : nullptr;
}

std::optional<int> rank_of(const Graph& graph, ValueId id) {
  const Shape* shape = shape_of(graph, id);
  if (shape == nullptr) return std::nullopt;
  return static_cast<int>(shape->size());
}

std::optional<std::vector<std::int64_t>> known_dims(const Graph& graph, ValueId id) {
  const Shape* shape = shape_of(graph, id);
  if (shape == nullptr) return std::nullopt;
  std::vector<std::int64_t> dims;
  for (const Dim& dim : *shape) {
    if (!dim.is_known()) return std::nullopt;
    dims.push_back(dim.size);
  }
  return dims;
}

std::optional<std::vector<std::int64_t>> constant_ints(const Graph& graph, ValueId id) {
  if (id == kAbsent) return std::nullopt;
  const Value& value = graph.value(id);
  const DType dtype = value.constant.dtype();
  if (!value.constant.has_data() || graph.is_input(id)) return std::nullopt;
  if (dtype != DType::Int64 && dtype != DType::Int32) return std::nullopt;
  return to_int64s(value.constant);
}

std::optional<double> constant_scalar(const Graph& graph, ValueId id) {
  if (id == kAbsent || graph.is_input(id)) return std::nullopt;
  const Tensor& constant = graph.value(id).constant;
  if (!constant.has_data() || constant.size() != 1) return std::nullopt;
  const Tensor whole = constant.materialised();
  switch (constant.dtype()) {
    case DType::Float32:
      return whole.data<float>()[0];
    case DType::Float64:
      return whole.data<double>()[0];
    case DType::Int32:
      return whole.data<std::int32_t>()[0];
    case DType::Int64:
      return static_cast<double>(whole.data<std::int64_t>()[0]);
    case DType::Float16:
      return static_cast<double>(whole.data<Eigen::half>()[0]);
    case DType::BFloat16:
      return static_cast<double>(whole.data<Eigen::bfloat16>()[0]);
    case DType::Bool:
      return whole.raw()[0] == std::byte{0} ? 0 : 1;
    default:
      return std::nullopt;
  }
}

std::vector<int> reader_counts(const Graph& graph) {
  const std::vector<bool> is_captured = read_by_subgraphs(graph);
  std::vector<int> counts(is_captured.begin(), is_captured.end());
  const auto count = [&](ValueId id) {
    if (id != kAbsent) ++counts[static_cast<std::size_t>(id)];
  };
  for (const Node& node : graph.nodes)
    std::for_each(node.inputs.begin(), node.inputs.end(), count);
  std::for_each(graph.outputs.begin(), graph.outputs.end(), count);
  return counts;
}

void set_constant(Value& value, Tensor data) {
  Shape shape;
  for (const std::int64_t dim : data.dims())
    shape.push_back(Dim::known(dim));
  value.type = Type::tensor(data.dtype(), std::move(shape));
  value.constant = std::move(data);
  value.is_declared = false;
}

std::vector<int> producers(const Graph& graph) {
  std::vector<int> producer(graph.values.size(), -1);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId id : graph.nodes[n].outputs) {
      if (id != kAbsent) producer[static_cast<std::size_t>(id)] = static_cast<int>(n);
    }
  }
  return producer;
}

const Node* producer_of(const Graph& graph, const std::vector<int>& producer, ValueId id,
                        std::string_view op_type) {
  const int from = id == kAbsent ? -1 : producer[static_cast<std::size_t>(id)];
  if (from < 0) return nullptr;
  const Node& node = graph.nodes[static_cast<std::size_t>(from)];
  return node.is(op_type) ? &node : nullptr;
}

std::int64_t bounded_place(std::int64_t bound, std::int64_t size) {
  return std::clamp<std::int64_t>(bound < 0 ? bound + size : bound, 0, size);
}

bool is_weight_of_its_own(const Graph& graph, const Node& node, const std::vector<int>& readers) {
  const ValueId weight = node.input(0);
  if (weight == kAbsent || node.output(0) == kAbsent) return false;
  if (!graph.value(weight).is_constant() || graph.is_input(weight)) return false;
  return readers[static_cast<std::size_t>(weight)] == 1 && !graph.is_output(node.outputs[0]);
}

void become_unary(Node& node, const std::string& op_type) {
  node.op_type = op_type;
  node.inputs.resize(1);
  node.attributes = {};
}

}  // namespace braid
