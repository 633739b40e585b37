#pragma once

#include <span>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "plan/split_members.hpp"

namespace braid {

/// Leaves of a merged model the outputs of these members, and what is needed for them. Its inputs
/// are then those of the members, in their order, and behind them inputs of others that stacked
/// operators still read. Returns the number of the former, those with a default not counted.
/// Throws Error (BadInput) if the model does not tell its members, Error (Usage) for a wrong name.
std::size_t restrict_members(Model& model, const std::vector<std::string>& members);

/// The outputs of each member of a merged model, of those that it still has; empty if it does not
/// tell its members, or if some output is not of one member alone.
std::vector<MemberOutputs> outputs_by_member(const Model& model);

/// Zeros for an input that nobody asks for; symbols have the sizes that the given inputs have.
/// Throws Error (BadInput) if a size is not known.
Tensor filled_input(const Port& port, const std::vector<Port>& ports, std::span<const Datum> given);

/// Makes the last inputs, as many as there are tensors, constants; those that nobody reads go.
void fill_inputs(Graph& graph, std::span<const Datum> tensors);

}  // namespace braid
