// Operators along one axis that an attribute names: Softmax, LogSoftmax, Hardmax, ArgMax, ArgMin.
// The axis moves with the member axis; it must not be one that members are folded into.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> axis_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank <= 0 || !site.is_stacked(0)) return {};
  const bool removes_axis =
      site.node().op_type.starts_with("Arg") && site.node().attributes.get_int("keepdims", 1) == 0;
  const std::int64_t fallback = site.node().op_type.starts_with("Arg") ? 0
                                : site.opset() < 13                    ? 1
                                                                       : -1;
  const int axis = from_front(site.node().attributes.get_int("axis", fallback), rank);
  // Before opset 13 the softmax family works on everything from the axis on.
  const bool is_flattening = site.opset() < 13 && !site.node().op_type.starts_with("Arg");
  if (is_flattening && axis != rank - 1) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members())) continue;
    if (removes_axis && !form.is_removable(axis)) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      emitter.copy_as(site, form, {emitter.stacked(site.input(0), form)},
                      with(site.node().attributes, "axis", physical));
    }));
  }
  return candidates;
}

}  // namespace braid
