#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Brings a model into the form in which architectures are compared and merged: functions inlined,
/// constants folded, identities dropped, default attributes and axes in one spelling. Outputs are
/// unchanged, and so are the names of inputs and outputs. Fills in types.
/// src/passes/pipelines.cpp lists the passes. Throws Error (BadInput).
void canonicalise(Model& model);

/// Folds each BatchNormalization behind a convolution or Gemm with constant weights into those.
/// Outputs differ by rounding only. Not part of canonicalise(): members are compared as they are,
/// and folded where others have been folded by their exporter. Returns whether anything changed.
bool fold_batch_normalization(Model& model);

}  // namespace braid
