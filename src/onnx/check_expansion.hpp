#pragma once

#include "onnx/proto.hpp"

namespace braid {

/// Throws Error (BadInput) if a function calls itself, by way of others or not, or if the model
/// with its functions in the places where they are called would go beyond Limits::nodes or
/// Limits::nesting. Ten functions of ten calls each make ten billion nodes of a small file.
void check_expansion(const onnx::ModelProto& model);

}  // namespace braid
