#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Gives the graph subgraphs of its own, at all levels, so that a pass may change them: copies of a
/// node share theirs.
void unshare_subgraphs(Graph& graph);

}  // namespace braid
