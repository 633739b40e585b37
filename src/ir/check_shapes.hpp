#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Throws Error (BadInput), naming the node, where the shapes that an operator reads do not fit
/// each other: weights, biases, states and parameters, which ONNX's inference does not compare.
/// Sizes that are not known are not judged. Types have to be inferred.
void check_shapes(const Graph& graph);

}  // namespace braid
