// Operators of one data input that work on each image alone but mix its channels (LRN,
// DepthToSpace, SpaceToDepth): members may lie in the batch only.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> batchwise_rule(const Site& site) {
  if (site.rank(0) < 1 || site.input_count() != 1) return {};
  const Form form = Form::folded(1);
  return {in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form, {emitter.stacked(site.input(0), form)});
  })};
}

}  // namespace braid
