#include <algorithm>

#include "braid/onnx.hpp"
#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {

void settle_types(Model& model, const Evaluator& evaluate) {
  infer_types(model);
  // Each fold makes more types known, and types make more folds possible. Real exports settle
  // after three or four rounds; the bound only stops passes that undo each other.
  constexpr int kMaxRounds = 50;
  for (int round = 0; round < kMaxRounds; ++round) {
    bool has_changed = replace_cast_like(model);  // before identities: it may be one
    has_changed |= fold_shapes(model);            // before folding: makes dims constant
    has_changed |= fold_constants(model, evaluate);
    has_changed |= fold_weight_views(model);  // after folding: only large ones are left
    has_changed |= fold_weight_casts(model, evaluate);
    has_changed |=
        drop_identities(model);  // after folding: what is constant takes no output's name
    has_changed |= drop_neutral_operands(model);
    has_changed |= respell_shapes(model);
    has_changed |= name_computed_dims(model);  // after respelling: limits are sizes then
    has_changed |= merge_equal_nodes(model);
    // When nothing else is left to do, so that the types they go by are all that can be known.
    if (!has_changed) has_changed = fix_reshape_targets(model);
    if (!has_changed) has_changed = unbatch_transposes(model);  // before views: it ends in them
    if (!has_changed) has_changed = join_transposes(model);
    if (!has_changed) has_changed = reshape_gathers(model);
    if (!has_changed) has_changed = join_views(model);
    if (!has_changed) break;
    infer_types(model);
  }
}

void run_canonical_pipeline(Model& model, const Evaluator& evaluate) {
  // Before IR 4, inference looks only at initializers that are inputs, and none will be.
  model.ir_version = std::max<std::int64_t>(model.ir_version, 4);
  densify_sparse_initializers(model);
  drop_default_inputs(model);  // then a constant is a constant
  lift_constants(model);       // a weight in a node is a weight
  remove_dead(model.graph);
  settle_types(model, evaluate);
  // One spelling of each layer; nothing here makes more types known.
  pool_means(model);
  flatten_reshapes(model);
  pad_convolutions(model);
  drop_zero_pads(model);
  fill_constants(model);
  drop_zero_states(model);  // after filling: it looks for what is filled
  clamp_slices(model);
  join_slices(model);
  name_split_sizes(model);
  take_reciprocals(model);
  narrow_sums(model);
  trim_broadcast_constants(model);
  trim_absent_inputs(model);
  drop_unread_outputs(model);
  merge_equal_nodes(model);  // again: equal constants have equal shapes now
  fuse_gelu(model);
  fuse_matmul_add(model);
  transpose_gemm_weights(model);
  replace_plain_gemm(model);  // after transposing: no operand is transposed
  order_commutative_inputs(model);
  drop_default_attributes(model);  // before axes: those are written out even where default
  make_axes_explicit(model);
}

}  // namespace braid
