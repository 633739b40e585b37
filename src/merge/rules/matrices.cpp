// Trilu and Det work on the matrices in the last two axes, which members must be neither folded
// into nor put between.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> matrices_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 2 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (form != Form::front() && rank - 2 < form.minimum_rank()) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
      append_uniform(emitter, site, 1, inputs);
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

}  // namespace braid
