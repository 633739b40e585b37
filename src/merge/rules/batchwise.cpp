// Operators on each image alone, whose other inputs are the same for all members. Those that mix
// the channels of an image (LRN, SpaceToDepth, DepthToSpace, STFT) take the members in the batch:
//
//   [M*N, C, ...]
//
// Those that keep channels, or groups of consecutive ones, apart (pooling, Col2Im, DepthToSpace in
// CRD mode) take them in the channels as well:
//
//   [M/k*N, k*C, ...]

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

Candidate folded(const Site& site, const Form& form) {
  return in_form(site, "stacked", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
    append_uniform(emitter, site, 1, inputs);
    emitter.copy_as(site, form, std::move(inputs));
  });
}

}  // namespace

std::vector<Candidate> batchwise_rule(const Site& site) {
  if (site.rank(0) < 1 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  return {folded(site, Form::folded(1))};
}

std::vector<Candidate> channelwise_rule(const Site& site) {
  if (site.rank(0) < 2 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (form.is_folded()) candidates.push_back(folded(site, form));  // operators fix the rank
  }
  return candidates;
}

std::vector<Candidate> depth_to_space_rule(const Site& site) {
  const bool keeps_groups = site.node().attributes.get_string("mode", "DCR") == "CRD";
  return keeps_groups ? channelwise_rule(site) : batchwise_rule(site);
}

}  // namespace braid
