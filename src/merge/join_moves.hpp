#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Transpose behind Transpose becomes one, or none if they cancel; Reshape behind Reshape becomes
/// the last one where its target copies no dim. The members' own nodes meet those of the merge
/// here.
void join_moves(Graph& graph);

}  // namespace braid
