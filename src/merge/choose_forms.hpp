#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "merge/emitter.hpp"
#include "merge/form_costs.hpp"
#include "merge/site.hpp"

namespace braid {

/// How a node of the exemplar is emitted, and what else was on offer.
struct Choice {
  Candidate candidate;  ///< with an empty rule if all inputs are uniform: the node runs once
  std::vector<Offer> offers;
  std::string reason;
};

/// Chooses for each node of the exemplar.
///
/// Minimises the bytes moved over the whole graph (FormCosts), launches priced in (costs.hpp): each
/// node's own cost plus the conversions between the form a value is produced in and the forms it is
/// read in. Running once per member is a candidate like the others, unless
/// MergeOptions::merges_always: then only where
/// no rule applies. `planned` prescribes rules by node; it may be empty.
/// Throws Error (CannotMerge) if a prescribed rule is not on offer.
std::vector<Choice> choose_forms(const GroupFacts& facts, const std::vector<Prescription>& planned);

/// Emits a node as chosen.
void emit_choice(Emitter& emitter, const Site& site, const Choice& choice);

}  // namespace braid
