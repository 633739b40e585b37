#pragma once

#include "braid/graph.hpp"

namespace braid {

/// Whether a node draws random numbers: two runs differ, and so do two members.
bool is_random(const Node& node);

}  // namespace braid
