// Concat: its axis moves with the member axis and must not be folded into it. Uniform inputs are
// expanded: the one case that forces it.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> concat_rule(const Site& site) {
  const int rank = site.output_rank();
  if (rank < 1) return {};
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.rank(i) != rank) return {};
  }
  const int axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs;
      for (const ValueId id : site.node().inputs)
        inputs.push_back(emitter.stacked(id, form));
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      emitter.copy_as(site, form, std::move(inputs),
                      with(site.node().attributes, "axis", physical));
    }));
    candidates.back().cost = expansion_cost(site);
  }
  return candidates;
}

}  // namespace braid
