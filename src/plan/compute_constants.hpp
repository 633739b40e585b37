#pragma once

#include "braid/graph.hpp"
#include "plan/backend.hpp"

namespace braid {

/// Runs the nodes that read nothing but constants once, on the backend, and puts constants in the
/// place of what they compute. All dims that can be known are known. So that constants stay about
/// as many as there are in the model, a result has no more bytes than 1/64 of them, all results
/// together no more than 1/16; or 64 KiB each and 1 MiB together. Leaves out graph outputs, random
/// operators and nodes with subgraphs. Tells whether it changed anything.
bool compute_constants(Model& model, const Backend& backend);

}  // namespace braid
