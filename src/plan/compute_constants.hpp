#pragma once

#include "braid/graph.hpp"
#include "plan/backend.hpp"

namespace braid {

/// Runs the nodes that read nothing but constants once, on the backend, and puts constants in the
/// place of what they compute. All dims that can be known are known. So that constants stay about
/// as large as those of the model, a node makes no more than 1/64 of their bytes besides those that
/// it alone has read, and all nodes together no more than 1/16; or 64 KiB and 1 MiB. Leaves out
/// graph outputs, random operators and nodes with subgraphs. Tells whether it changed anything.
bool compute_constants(Model& model, const Backend& backend);

}  // namespace braid
