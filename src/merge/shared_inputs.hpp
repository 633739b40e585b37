#pragma once

#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "merge/prepare_members.hpp"

namespace braid {

/// True if a tensor can be of both types: the same element type and rank, no two known dims that
/// differ.
bool are_alike(const Type& a, const Type& b);

/// One input of the merged model for the members' inputs of one name, or of one place if their
/// names differ.
class SharedInputs {
 public:
  explicit SharedInputs(const PreparedMembers& prepared) : prepared_(prepared) {}

  /// The input of `graph` that stands for a member's input; added if it is new.
  /// Throws Error (CannotMerge) if the member's input is not like those of the members before.
  ValueId input_for(std::size_t member, const std::string& name, const Type& type, Graph& graph);

 private:
  const PreparedMembers& prepared_;
  std::size_t first_ = 0;        // the member whose names the inputs have
  std::vector<ValueId> inputs_;  // by place among the inputs of the first member
};

}  // namespace braid
