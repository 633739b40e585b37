#pragma once

#include <functional>
#include <vector>

#include "braid/graph.hpp"
#include "runtime/control_flow.hpp"

namespace braid {

/// Makes a Model without functions ready to run, for a subgraph.
using SubgraphCompiler = std::function<Executable(Model model)>;

/// Whether the executor runs a node with its subgraphs.
bool runs_subgraphs(const Node& node);

/// A model of each of the node's subgraphs, compiled. Values of `model` that they capture are
/// constants of those models, or inputs behind their own: such are appended to `captured`, and the
/// kernel reads them behind the node's own inputs.
std::vector<Subgraph> make_subgraphs(const Model& model, const Node& node,
                                     const SubgraphCompiler& compile_subgraph,
                                     std::vector<ValueId>& captured);

}  // namespace braid
