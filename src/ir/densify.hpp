#pragma once

#include <string>

#include "braid/attribute.hpp"
#include "braid/tensor.hpp"

namespace braid {

/// The dense tensor that a sparse one stands for. `name` is for messages.
/// Throws Error (BadInput) if it contradicts itself.
Tensor densify(const SparseTensor& sparse, const std::string& name);

}  // namespace braid
