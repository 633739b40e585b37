#pragma once

#include "braid/graph.hpp"

namespace braid {

/// True if the floating-point constants of both, in the order of their graphs, are bit-identical:
/// two members of one architecture of which that holds must give equal outputs.
bool are_twins(const Model& a, const Model& b);

}  // namespace braid
