#pragma once

#include <span>
#include <vector>

#include "braid/merge.hpp"
#include "braid/tensor.hpp"

namespace braid {

/// What a combination must make of one output of the members, computed from their own results
/// without the operators that the merged model uses. `weights` are the members', for Weighted.
/// Throws Error (BadInput) if outputs of these types and sizes cannot be combined.
Tensor combine(Combination combination, const std::vector<double>& weights,
               std::span<const Tensor> outputs);

}  // namespace braid
