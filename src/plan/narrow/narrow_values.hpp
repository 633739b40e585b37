#pragma once

#include "braid/graph.hpp"
#include "plan/narrow/cut_constants.hpp"

namespace braid {

/// Computes of each value only what leads to an output. All dims that can be known are known; types
/// are set. Tells whether it changed anything.
bool narrow_values(Model& model, CutConstants& cut_constants);

}  // namespace braid
