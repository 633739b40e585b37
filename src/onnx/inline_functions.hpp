#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Replaces calls of model-local functions by their bodies, with the ONNX library's inliner.
void inline_functions(Model& model);

}  // namespace braid
