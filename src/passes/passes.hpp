#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// Computes a node's outputs from constant inputs; empty if the node cannot be computed here.
using Evaluator = std::function<std::optional<std::vector<Tensor>>(
    const Node& node, std::int64_t opset, std::span<const Tensor> inputs)>;

// Each pass keeps what the model computes and tells whether it changed anything. Types must be
// inferred before; what a pass adds or changes may lack them. Each lives in a file of its name.

bool clamp_slices(Model& model);
bool densify_sparse_initializers(Model& model);
bool drop_default_attributes(Model& model);
bool drop_default_inputs(Model& model);
bool drop_identities(Model& model);
bool drop_neutral_operands(Model& model);
bool drop_unread_outputs(Model& model);
bool drop_zero_pads(Model& model);
bool drop_zero_states(Model& model);
bool fill_constants(Model& model);
bool fix_reshape_targets(Model& model);
bool flatten_reshapes(Model& model);
bool fold_constants(Model& model, const Evaluator& evaluate);
bool fold_shapes(Model& model);
bool fold_weight_casts(Model& model, const Evaluator& evaluate);
bool fold_weight_views(Model& model);
bool fuse_gelu(Model& model);
bool fuse_gelu_of_any_opset(Model& model);  ///< for executors, which have Gelu
bool fuse_matmul_add(Model& model);
bool join_slices(Model& model);
bool join_transposes(Model& model);
bool join_views(Model& model);
bool lift_constants(Model& model);
bool make_axes_explicit(Model& model);
bool merge_equal_nodes(Model& model);
bool name_computed_dims(Model& model);
bool name_split_sizes(Model& model);
bool order_commutative_inputs(Model& model);
bool narrow_sums(Model& model);
bool pad_convolutions(Model& model);
bool pool_means(Model& model);
bool replace_cast_like(Model& model);
bool replace_plain_gemm(Model& model);
bool reshape_gathers(Model& model);
bool respell_shapes(Model& model);
bool take_reciprocals(Model& model);
bool transpose_gemm_weights(Model& model);
bool trim_absent_inputs(Model& model);
bool trim_broadcast_constants(Model& model);
bool unbatch_transposes(Model& model);

/// Infers types and folds what they make constant, in turns, until nothing changes.
void settle_types(Model& model, const Evaluator& evaluate);

/// The order in which the passes run: pipelines.cpp.
void run_canonical_pipeline(Model& model, const Evaluator& evaluate);

}  // namespace braid
