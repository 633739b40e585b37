#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"

namespace braid::property {

/// Saves the members, merges the files, takes the merged file apart and merges what came out again.
/// Returns what is not as it was, in words; empty if all bytes are.
std::string take_apart(const std::vector<Member>& members, const MergeOptions& options);

}  // namespace braid::property
