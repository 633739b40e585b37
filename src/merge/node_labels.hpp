#pragma once

#include <map>
#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "merge/share.hpp"

namespace braid {

/// A node as a letter of a sequence: nodes of two architectures with equal labels can run as one.
struct LabelledNode {
  int node = -1;
  int label = -1;
  std::vector<int> weights;  ///< numbers of the contents of its weights
};

/// Numbers what two nodes must agree in to run as one: operator, attributes, the types of what they
/// read and write, which inputs are weights, and the values of structural constants. Names and the
/// values of weights play no part. Nodes with subgraphs agree with no other.
class NodeLabels {
 public:
  explicit NodeLabels(ContentIndex& contents) : contents_(contents) {}

  /// All nodes of a graph from its inputs to its outputs, in an order that depends on the wiring
  /// only: depth first from the outputs, each node behind what it reads.
  std::vector<LabelledNode> label(const Graph& graph);

 private:
  std::string text_of(const Graph& graph, const Node& node, const std::vector<bool>& is_structural);

  ContentIndex& contents_;
  std::map<std::string, int> numbers_;
};

}  // namespace braid
