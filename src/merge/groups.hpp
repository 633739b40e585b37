#pragma once

#include <map>
#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "merge/share.hpp"

namespace braid {

/// The models of one group with their alignments, and which members they are.
struct FoundGroup {
  std::vector<std::size_t> members;
  AlignedGroup aligned;
  std::optional<Difference> difference;  ///< to the first group
};

/// Nodes by operator. Cheap to compute and equal for one architecture.
std::map<std::string, int> operator_counts(const Graph& graph);

/// Sorts canonical models whose constants have one reader each into groups of one architecture.
std::vector<FoundGroup> sort_into_groups(const std::vector<const Model*>& models);

}  // namespace braid
