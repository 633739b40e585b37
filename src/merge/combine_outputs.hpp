#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "merge/emitter.hpp"

namespace braid {

/// Adds the combination of one output of all members to the merged graph: `ids` in their order.
/// Returns its value and its type. Throws Error (CannotMerge) if values of this type cannot be
/// combined so; `what` names the output in messages.
std::pair<ValueId, Type> combine_outputs(MergedGraph& merged, const std::vector<ValueId>& ids,
                                         const Type& type, const MergeOptions& options,
                                         const std::string& what);

}  // namespace braid
