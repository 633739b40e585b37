// Pooling works on each channel of each image alone, so members may lie in batch and channels.
// Not with MaxPool's Indices: they count through batch and channels.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> pool_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 3 || site.output(1) != kAbsent) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_folded()) continue;  // the operator fixes the rank
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      emitter.copy_as(site, form, {emitter.stacked(site.input(0), form)});
    }));
  }
  return candidates;
}

}  // namespace braid
