#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Brings a model into the form in which architectures are compared and merged: functions inlined,
/// constants folded, identities dropped, default attributes and axes in one spelling. Outputs are
/// unchanged, and so are the names of inputs and outputs. Fills in types.
/// src/passes/pipelines.cpp lists the passes. Throws Error (BadInput).
void canonicalise(Model& model);

}  // namespace braid
