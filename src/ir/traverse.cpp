#include "ir/traverse.hpp"

#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "braid/error.hpp"

namespace braid {

void for_each_subgraph(const Node& node, const std::function<void(const GraphPtr&)>& visit) {
  for (const Attribute& attribute : node.attributes) {
    if (const auto* graph = std::get_if<GraphPtr>(&attribute.value)) visit(*graph);
    if (const auto* graphs = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (const GraphPtr& graph : *graphs)
        visit(graph);
    }
  }
}

std::vector<std::string> outer_names(const Graph& graph) {
  std::vector<std::string> names;
  // What the graph itself defines, and `names`; a mere value_info entry defines nothing.
  std::unordered_set<std::string> known;
  for (const ValueId id : graph.inputs)
    known.insert(graph.value(id).name);
  for (const Value& value : graph.values) {
    if (value.is_outer) names.push_back(value.name);
    if (value.is_outer || value.is_constant()) known.insert(value.name);
  }
  for (const auto& [name, tensor] : graph.sparse_initializers)
    known.insert(name);
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id != kAbsent) known.insert(graph.value(id).name);
    }
  }
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [&](const GraphPtr& inner) {
      for (std::string& name : outer_names(*inner)) {
        if (known.insert(name).second) names.push_back(std::move(name));
      }
    });
  }
  return names;
}

bool has_subgraph(const Node& node) {
  bool found = false;
  for_each_subgraph(node, [&](const GraphPtr&) { found = true; });
  return found;
}

namespace {

using NameIndex = std::unordered_map<std::string_view, ValueId>;

NameIndex index_names(const Graph& graph) {
  NameIndex index;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    index.emplace(graph.values[i].name, static_cast<ValueId>(i));
  }
  return index;
}

std::vector<ValueId> read_values(const Node& node, const NameIndex& index) {
  std::vector<ValueId> ids;
  for (const ValueId id : node.inputs) {
    if (id != kAbsent) ids.push_back(id);
  }
  for_each_subgraph(node, [&](const GraphPtr& inner) {
    for (const std::string& name : outer_names(*inner)) {
      if (const auto found = index.find(name); found != index.end()) ids.push_back(found->second);
    }
  });
  return ids;
}

}  // namespace

std::vector<ValueId> read_values(const Graph& graph, const Node& node) {
  return read_values(node, has_subgraph(node) ? index_names(graph) : NameIndex{});
}

void sort_nodes(Graph& graph, const std::string& where) {
  const NameIndex index = index_names(graph);
  std::vector<int> producer(graph.values.size(), -1);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId id : graph.nodes[n].outputs) {
      if (id != kAbsent) producer[static_cast<std::size_t>(id)] = static_cast<int>(n);
    }
  }
  std::vector<int> missing(graph.nodes.size(), 0);
  std::vector<std::vector<std::size_t>> readers(graph.nodes.size());
  bool is_sorted = true;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId id : read_values(graph.nodes[n], index)) {
      const int from = producer[static_cast<std::size_t>(id)];
      if (from < 0) continue;
      if (from >= static_cast<int>(n)) is_sorted = false;
      readers[static_cast<std::size_t>(from)].push_back(n);
      ++missing[n];
    }
  }
  if (is_sorted) return;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t n = 0; n < missing.size(); ++n) {
    if (missing[n] == 0) ready.push(n);
  }
  std::vector<Node> sorted;
  while (!ready.empty()) {
    const std::size_t n = ready.top();
    ready.pop();
    for (const std::size_t reader : readers[n]) {
      if (--missing[reader] == 0) ready.push(reader);
    }
    sorted.push_back(std::move(graph.nodes[n]));
  }
  if (sorted.size() != missing.size()) {
    for (std::size_t n = 0; n < missing.size(); ++n) {
      if (missing[n] == 0) continue;
      throw Error(ErrorKind::BadInput, where + ": node '" + graph.nodes[n].name + "' (" +
                                           graph.nodes[n].op_type +
                                           ") is part of a cycle; the graph must be acyclic");
    }
  }
  graph.nodes = std::move(sorted);
}

std::vector<int> order_by_wiring(const Graph& graph) {
  const NameIndex index = index_names(graph);
  std::vector<int> producer(graph.values.size(), -1);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId id : graph.nodes[n].outputs) {
      if (id != kAbsent) producer[static_cast<std::size_t>(id)] = static_cast<int>(n);
    }
  }
  struct Visit {
    int node;
    std::vector<ValueId> reads;
    std::size_t next = 0;
  };
  std::vector<int> order;
  std::vector<bool> is_met(graph.nodes.size(), false);
  std::vector<Visit> stack;  // no recursion: graphs are thousands of nodes deep
  const auto enter = [&](int n) {
    if (n < 0 || is_met[static_cast<std::size_t>(n)]) return;
    is_met[static_cast<std::size_t>(n)] = true;
    stack.push_back({n, read_values(graph.nodes[static_cast<std::size_t>(n)], index)});
  };
  const auto walk = [&] {
    while (!stack.empty()) {
      Visit& top = stack.back();
      if (top.next == top.reads.size()) {
        order.push_back(top.node);
        stack.pop_back();
      } else {
        const ValueId id = top.reads[top.next++];
        enter(producer[static_cast<std::size_t>(id)]);
      }
    }
  };
  for (const ValueId id : graph.outputs) {
    enter(producer[static_cast<std::size_t>(id)]);
    walk();
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    enter(static_cast<int>(n));
    walk();
  }
  return order;
}

}  // namespace braid
