#pragma once

#include <vector>

#include "merge/site.hpp"

namespace braid {

/// What is right at a site: what its rule offers, and running once per member. Empty if all that
/// the node reads is uniform: then it runs once. With `merges_always`, per member only where no
/// rule applies.
std::vector<Candidate> offer_candidates(const Site& site, bool merges_always);

/// Running once per member.
Candidate per_member(const Site& site);

}  // namespace braid
