#pragma once

#include "braid/graph.hpp"
#include "plan/backend.hpp"

namespace braid {

/// Gives the Float32 values of a graph the type that the backend stores floats as; see the .cpp.
/// Runs when all operators are fused but the elementwise ones, which take the conversions that it
/// adds. Constants are converted by `weights`. False if nothing was changed.
bool halve_floats(Model& model, const Backend& backend, PackedWeights& weights);

}  // namespace braid
