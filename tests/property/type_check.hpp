#pragma once

#include "braid/graph.hpp"

namespace braid::property {

/// Checks every node against its ONNX schema, types included, and all types against each other,
/// more strictly than infer_types(). Throws Error (BadInput).
void check_types(const Model& model);

}  // namespace braid::property
