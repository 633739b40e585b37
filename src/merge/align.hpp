#pragma once

#include <optional>
#include <vector>

#include "braid/graph.hpp"
#include "braid/merge.hpp"

namespace braid {

/// Which value and node of one graph corresponds to each of another of the same architecture.
struct Alignment {
  std::vector<ValueId> values;  ///< by value of the first graph; kAbsent where nothing corresponds
  std::vector<int> nodes;       ///< by node of the first graph; -1 where nothing corresponds
};

/// Walks both graphs back from their outputs, input by input. They are of one architecture if this
/// meets the same operators, attributes and wiring, inputs of the same types, constants of the same
/// types, and structural constants (axes, shapes, pads) of the same values. Names play no part.
/// If they are not, `difference` tells the first place where they part. Constants must have one
/// reader each: separate_constant_uses().
std::optional<Alignment> align(const Graph& first, const Graph& second, Difference& difference);

/// Gives every reader of a constant a value of its own (the data stay shared). Exporters store
/// equal weights once, so which positions share a value is an accident of the values.
void separate_constant_uses(Graph& graph);

/// Whether an input of an operator says where or how much (a shape, axis, size, count or mode), not
/// what.
bool sets_structure(const Node& node, std::size_t input);

/// Constants whose values are part of the architecture, by value: those from which axes, shapes,
/// sizes and the like are computed. All others are weights.
std::vector<bool> structural_constants(const Graph& graph);

}  // namespace braid
