// OneHot puts an axis in among those of the indices, as Unsqueeze does: it is counted in the output
// and moves with the member axis, which must not change its place.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> one_hot_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 0 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", -1), rank + 1);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_removable(axis)) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
      append_uniform(emitter, site, 1, inputs);
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      emitter.copy_as(site, form, std::move(inputs),
                      with(site.node().attributes, "axis", physical));
    }));
  }
  return candidates;
}

}  // namespace braid
