// DFT: its axis moves with the member axis; an attribute before opset 20, an input from then on.
// The last axis holds real and imaginary parts.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> dft_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 2 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const bool is_input = site.opset() >= 20;
  std::int64_t given = is_input ? -2 : site.node().attributes.get_int("axis", 1);
  if (is_input && !site.is_absent(2)) {
    const auto values = site.ints(2);
    if (!values || values->size() != 1) return {};
    given = values->front();
  }
  const int axis = from_front(given, rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members()) || !form.is_free(rank - 1, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      const ValueId length = site.is_absent(1) ? kAbsent : emitter.uniform(site.input(1));
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form), length};
      if (!is_input) {
        emitter.copy_as(site, form, std::move(inputs),
                        with(site.node().attributes, "axis", physical));
        return;
      }
      inputs.push_back(emitter.constant(Tensor::of<std::int64_t>({}, {physical}), "axis"));
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

}  // namespace braid
