#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Throws Error (BadInput), naming node and attribute, where an integer of an operator of ai.onnx
/// is beyond what it can mean: flags other than 0 and 1, windows that nobody can count, and what
/// does not fit 32 bits. ONNX's schemas do not tell, and its inference does not look.
void check_attributes(const Graph& graph);

}  // namespace braid
