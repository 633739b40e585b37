#pragma once

#include <vector>

#include "merge/site.hpp"

namespace braid {

/// The candidate by which each node of the exemplar is emitted. Nodes whose inputs are all uniform
/// run once and have an empty rule.
///
/// Minimises the bytes moved over the whole graph, launches priced in (kLaunch): each node's own
/// cost plus the conversions between the form a value is produced in and the forms it is read in.
/// Running once per member is a candidate like the others, unless `merges_always`: then only where
/// no rule applies.
std::vector<Candidate> choose_forms(const GroupFacts& facts, bool merges_always);

}  // namespace braid
