#pragma once

#include "merge/member_sizes.hpp"
#include "merge/site.hpp"

namespace braid {

/// Works out what merging a group has to go by: who shares which weight, and the order of the
/// members along the member axis, in which members with equal weights stand side by side. Kinds are
/// those of the constants; all other values are taken to be uniform until find_kinds().
GroupFacts find_facts(const AlignedGroup& group, std::int64_t opset, const MergeOptions& options,
                      ContentIndex& contents);

/// Has the members stand in this order along the member axis.
void set_order(GroupFacts& facts, std::vector<std::size_t> order);

/// Whether the members' subgraphs at node `n` differ, be it in a weight only: weights may lie
/// inside subgraphs, at any depth.
bool have_different_subgraphs(const GroupFacts& facts, std::size_t n);

/// Works out the kinds of what node `n` yields from those of what it reads.
void find_kinds(GroupFacts& facts, std::size_t n, const MemberSizes& sizes);

}  // namespace braid
