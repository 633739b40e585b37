#pragma once

#include "braid/graph.hpp"
#include "plan/backend.hpp"

namespace braid {

// Passes that prepare a graph for kernels. All dims that can be known are known, and each pass sets
// the types of the values that it adds. Operators that a pass makes are of domain kFusedDomain;
// what the backend has no kernel for stays as it is. Each pass lives in a file of its name, and
// tells whether it changed anything.

bool fuse_activations(Model& model, const Backend& backend);
bool fuse_attention(Model& model, const Backend& backend);
bool lay_out_channels_last(Model& model);
bool fuse_epilogues(Model& model, const Backend& backend);
bool fuse_elementwise(Model& model, const Backend& backend);
bool fuse_member_scales(Model& model, const Backend& backend);
bool fuse_normalization(Model& model, const Backend& backend);
bool fuse_skip_layer_normalization(Model& model, const Backend& backend);

/// Before constants are computed: weights may need a Transpose.
bool expand_einsum(Model& model, const Backend& backend);

/// All of the above but expand_einsum(), in the order that they are made for, and halve_floats(),
/// to which `weights` belong.
void fuse_operators(Model& model, const Backend& backend, PackedWeights& weights);

/// Behind those: what each product has in its epilogue is known then.
bool group_products(Model& model, const Backend& backend);

/// Whether the backend binds the node, whose operands all have known dims. `opset`: of its domain,
/// where that makes a difference.
bool has_kernel(const Graph& graph, const Node& node, const Backend& backend,
                std::int64_t opset = 0);

}  // namespace braid
