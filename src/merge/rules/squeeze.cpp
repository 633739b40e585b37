// Squeeze and Unsqueeze: the axes move with the member axis. Axes are an attribute or, from opset
// 13 on, an input. Squeeze without axes would take a member axis of 1, so it must have been made
// explicit before.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

std::optional<std::vector<int>> explicit_axes(const Site& site, int rank) {
  std::vector<std::int64_t> given;
  if (!site.is_absent(1)) {
    const auto values = site.ints(1);
    if (!values) return std::nullopt;
    given = *values;
  } else {
    given = site.node().attributes.get_ints("axes");
  }
  if (given.empty()) return std::nullopt;
  std::vector<int> axes;
  for (const std::int64_t axis : given)
    axes.push_back(from_front(axis, rank));
  return axes;
}

std::vector<Candidate> candidates_for(const Site& site, const std::vector<int>& axes, int rank) {
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    const bool fits =
        std::all_of(axes.begin(), axes.end(), [&](int axis) { return form.is_removable(axis); });
    if (!fits) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<std::int64_t> physical;
      for (const int axis : axes)
        physical.push_back(form.physical(axis));
      const ValueId data = emitter.stacked(site.input(0), form);
      if (site.is_absent(1)) {
        emitter.copy_as(site, form, {data}, with(site.node().attributes, "axes", physical));
      } else {
        emitter.copy_as(site, form, {data, emitter.ints(physical)});
      }
    }));
  }
  return candidates;
}

}  // namespace

std::vector<Candidate> squeeze_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 0 || !site.is_stacked(0)) return {};
  const auto axes = explicit_axes(site, rank);
  if (!axes) return {};
  return candidates_for(site, *axes, rank);
}

std::vector<Candidate> unsqueeze_rule(const Site& site) {
  const int rank = site.output_rank();
  if (rank < 0 || !site.is_stacked(0) || site.rank(0) < 0) return {};
  const auto axes = explicit_axes(site, rank);  // they count in the output
  if (!axes) return {};
  return candidates_for(site, *axes, site.rank(0));
}

}  // namespace braid
