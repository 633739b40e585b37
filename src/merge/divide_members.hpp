#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "merge/family.hpp"

namespace braid {

/// Members that are to be merged with each other, and why these.
struct Division {
  std::vector<std::size_t> members;
  std::string reason;
};

/// Divides the members of a family so that no part has more members, or needs more memory, than the
/// options allow (MTS, section on model grouping). Members that share most weights stay together.
/// A part of K members needs their distinct weights, K times the activations of one member, and as
/// workspace K times its largest node's operands and results.
/// Throws Error (CannotMerge) if one member alone needs too much.
std::vector<Division> divide_members(const Family& family, const std::vector<Member>& members,
                                     ContentIndex& contents, const MergeOptions& options);

/// What a plan says, checked against the members. Throws Error (CannotMerge).
std::vector<Division> divide_as_planned(const std::vector<Member>& members, const MergePlan& plan);

/// The groups without the members that are not in `kept`.
std::vector<FoundGroup> restrict_groups(const std::vector<FoundGroup>& groups,
                                        const std::vector<Member>& members,
                                        const std::vector<std::size_t>& kept);

}  // namespace braid
