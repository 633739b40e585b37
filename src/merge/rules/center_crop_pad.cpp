// CenterCropPad: its axes move with the member axis and must not be folded into it; the shape, one
// number for each of them, stays.

#include <algorithm>
#include <numeric>

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> center_crop_pad_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || !site.is_uniform(1)) return {};
  std::vector<std::int64_t> axes = site.node().attributes.get_ints("axes");
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    const bool fits = std::all_of(axes.begin(), axes.end(), [&](std::int64_t axis) {
      return form.is_free(from_front(axis, rank), site.members());
    });
    if (!fits) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<std::int64_t> physical;
      for (const std::int64_t axis : axes)
        physical.push_back(form.physical(from_front(axis, rank)));
      emitter.copy_as(site, form,
                      {emitter.stacked(site.input(0), form), emitter.uniform(site.input(1))},
                      with(site.node().attributes, "axes", physical));
    }));
  }
  return candidates;
}

}  // namespace braid
