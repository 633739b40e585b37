#pragma once

#include <span>

#include "braid/datum.hpp"
#include "braid/graph.hpp"

namespace braid {

/// Gives the model's inputs (without those that have a default) the dims of `inputs`, works out all
/// types from that, and folds what has become constant. Throws Error (BadInput) when the model
/// contradicts itself at this size.
void specialise_shapes(Model& model, std::span<const Datum> inputs);

}  // namespace braid
