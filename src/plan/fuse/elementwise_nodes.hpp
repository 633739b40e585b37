#pragma once

#include "braid/graph.hpp"

namespace braid {

// Nodes that compute each element of their output from one element of each input, by the types of
// what they read and write.

bool maps_floats(const Node& node);

/// Floats to bools.
bool compares_floats(const Node& node);

bool maps_bools(const Node& node);

}  // namespace braid
