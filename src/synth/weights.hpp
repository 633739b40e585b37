#pragma once

#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// A tensor that synthesise() draws anew: an initializer, or the `value` of a Constant node.
struct Weight {
  ValueId value = kAbsent;
  int constant_node = -1;  ///< index of the Constant node; negative for initializers
};

/// The tensors to draw, in the order in which nodes first read them; those nobody reads come last.
/// If any initializer has no data, those are the weights; else all float tensors of more than 16
/// elements, except masks (infinities, or values of 1e30 and more).
/// Throws Error (BadInput) if a tensor without data is not of a type that can be drawn.
std::vector<Weight> find_weights(const Graph& graph);

/// The tensor as the graph has it.
const Tensor& weight_tensor(const Graph& graph, const Weight& weight);

}  // namespace braid
