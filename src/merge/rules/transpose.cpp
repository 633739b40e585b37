// Transpose permutes the logical axes and leaves the member axis where it is. In second and folded
// forms this needs the axes that make up the form to stay in place.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

bool keeps_first(const std::vector<std::int64_t>& perm, int count) {
  for (int i = 0; i < count; ++i) {
    if (perm[static_cast<std::size_t>(i)] != i) return false;
  }
  return true;
}

}  // namespace

std::vector<Candidate> transpose_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 0) return {};
  std::vector<std::int64_t> perm = site.node().attributes.get_ints("perm");
  if (perm.empty()) {
    for (int i = rank; i-- > 0;)
      perm.push_back(i);
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (form != Form::front() && !keeps_first(perm, form.minimum_rank())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<std::int64_t> physical;
      if (form == Form::front()) physical.push_back(0);
      for (const std::int64_t axis : perm) {
        physical.push_back(form.physical(static_cast<int>(axis)));
        if (form == Form::second() && physical.size() == 1) physical.push_back(1);
      }
      emitter.copy_as(site, form, {emitter.stacked(site.input(0), form)},
                      with(site.node().attributes, "perm", physical));
    }));
  }
  return candidates;
}

}  // namespace braid
