#pragma once

#include <functional>
#include <string>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// Brings the nodes into topological order; nodes already in order keep their places.
/// Throws Error (BadInput) that starts with `where` if they form a cycle.
void sort_nodes(Graph& graph, const std::string& where);

/// All values of `graph` that a node reads: its inputs and what its subgraphs read of them.
std::vector<ValueId> read_values(const Graph& graph, const Node& node);

/// Calls `visit` with each subgraph directly in the node's attributes.
void for_each_subgraph(const Node& node, const std::function<void(const GraphPtr&)>& visit);

bool has_subgraph(const Node& node);

/// Names that `graph` or its subgraphs read of the graphs that enclose it, each of them once.
std::vector<std::string> outer_names(const Graph& graph);

/// Node indices in an order that depends on the wiring only: depth first from the outputs, each
/// node behind what it reads. Nodes that lead to no output stand at the end.
std::vector<int> order_by_wiring(const Graph& graph);

}  // namespace braid
