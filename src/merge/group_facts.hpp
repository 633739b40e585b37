#pragma once

#include "merge/site.hpp"

namespace braid {

/// Works out what merging a group has to go by: who shares which weight, which values are one for
/// all members, and the order of the members along the member axis, in which members with equal
/// weights stand side by side.
GroupFacts find_facts(const AlignedGroup& group, std::int64_t opset, ContentIndex& contents);

}  // namespace braid
