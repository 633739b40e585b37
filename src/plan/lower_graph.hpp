#pragma once

#include <memory>

#include "braid/graph.hpp"
#include "plan/backend.hpp"
#include "plan/make_subgraphs.hpp"
#include "runtime/program.hpp"

namespace braid {

/// Throws Error (Unsupported) that names all inputs, outputs and operators that `backend` does not
/// run, those in subgraphs too, and Error (BadInput) if a weight that something reads has no data.
void check_operators(const Model& model, const Backend& backend);

/// Whether values whose dims were inferred have a fixed place in memory.
enum class Memory { Planned, Loose };

/// A Program for a model without functions. With Memory::Planned, the dims of its inputs are known,
/// and all dims that were inferred are trusted. Each node becomes a step,
/// in the order of the graph, but for those that only view what they read, or whose output is
/// computed in place by the nodes that they read. Subgraphs are handed to `compile_subgraph`.
/// Throws Error (BadInput) if the graph is not valid.
std::shared_ptr<const Program> lower_graph(const Model& model, const Backend& backend,
                                           PackedWeights& weights, Memory memory,
                                           const SubgraphCompiler& compile_subgraph = {});

}  // namespace braid
