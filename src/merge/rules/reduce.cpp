// ReduceSum and its kin: the axes move with the member axis. Axes are an attribute or, in newer
// opsets, an input; "all axes" is written out before, as it would take in the member axis. Where no
// axes mean that nothing is reduced, each element is on its own, in any form.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

bool allows(const Form& form, const std::vector<int>& axes, bool keeps_dims, int members) {
  return std::all_of(axes.begin(), axes.end(), [&](int axis) {
    return form.is_free(axis, members) && (keeps_dims || form.is_removable(axis));
  });
}

}  // namespace

std::vector<Candidate> reduce_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank <= 0 || !site.is_stacked(0)) return {};
  const bool is_input = !site.is_absent(1);
  const auto given = is_input ? site.ints(1) : site.node().attributes.get_ints("axes");
  const bool is_noop = site.node().attributes.get_int("noop_with_empty_axes", 0) != 0;
  if (!given || (given->empty() && !is_noop)) return {};
  std::vector<int> axes;
  for (const std::int64_t axis : *given)
    axes.push_back(from_front(axis, rank));
  const bool keeps_dims = site.node().attributes.get_int("keepdims", 1) != 0;
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!allows(form, axes, keeps_dims, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<std::int64_t> physical;
      for (const int axis : axes)
        physical.push_back(form.physical(axis));
      const ValueId data = emitter.stacked(site.input(0), form);
      if (physical.empty()) {
        emitter.copy_as(site, form, {data});
      } else if (is_input) {
        emitter.copy_as(site, form, {data, emitter.ints(physical)});
      } else {
        emitter.copy_as(site, form, {data}, with(site.node().attributes, "axes", physical));
      }
    }));
  }
  return candidates;
}

}  // namespace braid
