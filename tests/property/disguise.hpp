#pragma once

#include <cstdint>

#include "property/case.hpp"

namespace braid::property {

/// Gives all values and nodes the names of member `member`.
void rename_values(Graph& graph, int member);

/// Gives the inputs names that are the same in all members.
void rename_inputs(Graph& graph);

/// Before IR 4, every initializer is an input as well.
void list_constants_as_inputs(Graph& graph);

/// Writes a model down differently without changing what it computes.
void disguise(Model& model, const Disguise& ways, std::uint64_t seed);

}  // namespace braid::property
