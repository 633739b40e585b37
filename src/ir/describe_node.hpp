#pragma once

#include <string>

#include "braid/graph.hpp"

namespace braid {

/// "Conv", "com.acme.Thing"
std::string operator_name(const Node& node);

/// The node's name, or that of its first output.
std::string label_of(const Graph& graph, const Node& node);

/// "node 'conv_17' (Conv)", for messages.
std::string place_of(const Graph& graph, const Node& node);

/// The tensor of a Constant node, which needs no step; null for other nodes.
const Tensor* constant_of(const Node& node);

}  // namespace braid
