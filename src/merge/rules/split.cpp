// Split: its axis moves with the member axis and must not be folded into it.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> split_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
      if (!site.is_absent(1)) inputs.push_back(emitter.uniform(site.input(1)));
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      emitter.copy_as(site, form, std::move(inputs),
                      with(site.node().attributes, "axis", physical));
    }));
  }
  return candidates;
}

}  // namespace braid
