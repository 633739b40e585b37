#pragma once

#include <deque>
#include <vector>

#include "braid/merge.hpp"
#include "merge/family.hpp"
#include "merge/prepare_members.hpp"

namespace braid {

/// A family with what its report says of how it came about.
struct ChosenFamily {
  Family family;
  std::string reason;
  const MergePlan::Group* plan = nullptr;  ///< rules that are prescribed; null: free choice
};

/// Puts families side by side into one model, with the members' inputs and outputs.
Merged assemble(const PreparedMembers& prepared, const std::vector<FoundGroup>& groups,
                const std::deque<ChosenFamily>& families, const MergeOptions& options);

}  // namespace braid
