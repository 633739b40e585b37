#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Conv and pooling: a window that moves over the spatial axes of [n, c, spatial...].
bool moves_window(const Node& node);

/// An operator that computes each element of its output from those at the same place of its
/// inputs, after broadcasting.
bool maps_elements(const Node& node);

}  // namespace braid
