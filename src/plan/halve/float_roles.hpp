#pragma once

#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// What the Float32 values of a graph are good for, by value.
struct FloatRoles {
  /// Computed from inputs that are floats, or with weights, or read by products alone. The others
  /// follow from integers alone: positions, masks, angles, numbers of elements.
  std::vector<bool> is_data;

  /// 11 significant bits, or numbers up to 65504, are not enough for what reads it: angles, what
  /// becomes an integer, squares of which a mean is taken.
  std::vector<bool> needs_float;

  /// Inputs and outputs of the graph, and what these are joined to and parts of: inputs are stacked
  /// and outputs taken apart as floats, so that one conversion serves all members.
  std::vector<bool> is_edge;
};

FloatRoles find_float_roles(const Graph& graph);

/// Operators whose results are values that they read.
bool moves_values(const Node& node);

/// Sums and products along axes, which leave the range of what they read.
bool sums_values(const Node& node);

/// Computes floats, or bools from floats, element by element.
bool is_elementwise_of_floats(const Node& node);

}  // namespace braid
