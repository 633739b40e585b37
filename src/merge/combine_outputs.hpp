#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "merge/merged_graph.hpp"

namespace braid {

/// An output of a member in the merged graph.
struct MemberOutput {
  ValueId id;
  Type type;
};

/// Adds the combination of one output of all members, in their order, to the merged graph;
/// `weights` are theirs, for Weighted. Throws Error (CannotMerge) if values of this type cannot be
/// combined so; `what` names the output in messages.
MemberOutput combine_outputs(MergedGraph& merged, const std::vector<MemberOutput>& outputs,
                             Combination combination, const std::vector<double>& weights,
                             const std::string& what);

}  // namespace braid
