#pragma once

#include "braid/graph.hpp"
#include "plan/backend.hpp"

namespace braid {

// Passes that make one operator of several, of the domain kFusedDomain, on a model whose dims are
// all known. What the backend has no kernel for stays as it is. Each tells whether it changed
// anything, and lives in a file of its name.

bool fuse_elementwise(Model& model, const Backend& backend);
bool fuse_skip_layer_normalization(Model& model, const Backend& backend);

/// All of them, in the order that they are made for.
void fuse_operators(Model& model, const Backend& backend);

/// Whether the backend binds the node, whose operands all have known dims.
bool has_kernel(const Graph& graph, const Node& node, const Backend& backend);

}  // namespace braid
