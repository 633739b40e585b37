#pragma once

#include <string>
#include <utility>
#include <vector>

#include "braid/merge.hpp"

namespace braid {

/// The file of a member, or its name if it comes from none; for messages.
std::string place_of(const Member& member);

/// Brings all members to the highest version of each operator set that one of them has, for one
/// graph has one version. Returns domains and versions. Throws Error (CannotMerge) that names every
/// member and operator that cannot be brought there.
std::vector<std::pair<std::string, std::int64_t>> unify_opsets(std::vector<Member>& members);

}  // namespace braid
