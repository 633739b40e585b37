// Conv of members whose weights W fall into k share classes, blocks of consecutive members:
//
//   X in folded(k): [M/k*N, k*C, ...]   W: the k distinct ones joined, [k*O, C/g, ...]
//   Conv {group: k*g} -> folded(k)
//
// k = 1 is stitching (MTS): the members are the batch, the weight is read once. k = M is fusing
// (NetFuse): one grouped convolution. In between both at once. Other classes: as k = M, the weights
// repeated by a Gather. A uniform X and distinct weights: one wide convolution without groups.
//
// A bias with other classes than W is added behind, where it fits.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

std::string rule_name(int blocks, int members) {
  return blocks == 1 ? "stitched" : blocks == members ? "fused" : "mixed";
}

bool has_constant_weights(const Site& site) {
  for (std::size_t i = 1; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && !site.is_constant(i)) return false;
  }
  return site.input_count() >= 2;
}

bool is_bias_inside(const Site& site, int blocks) {
  return !site.is_absent(2) && site.facts().is_constant_on_blocks(site.input(2), blocks);
}

// Y + B for a bias that differs within the blocks, in front, where every member has its own place.
void add_bias_behind(const Site& site, const Form& form, ValueId y, Emitter& emitter) {
  const int rank = site.output_rank();
  emitter.define(site.output(), form, y);
  const ValueId front = emitter.stacked(site.output(), Form::front());
  // [M, O] -> [M, 1, O, 1, ...]
  std::vector<std::int64_t> axes = {1};
  for (int i = 3; i <= rank; ++i)
    axes.push_back(i);
  const ValueId bias = emitter.unsqueeze(emitter.stacked(site.input(2), Form::front()), axes);
  emitter.redefine(site.output(), Form::front(), emitter.add("Add", {front, bias}));
}

void emit_folded(const Site& site, int blocks, Emitter& emitter) {
  const Form form = Form::folded(blocks);
  const bool has_bias = !site.is_absent(2);
  const bool is_inside = is_bias_inside(site, blocks);
  std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form),
                                 emitter.joined_blocks(site.input(1), blocks, 0)};
  if (is_inside) inputs.push_back(emitter.joined_blocks(site.input(2), blocks, 0));
  const std::int64_t group = site.node().attributes.get_int("group", 1);
  Attributes attributes = site.node().attributes;
  if (blocks > 1) attributes.set("group", group * blocks);
  const ValueId y = emitter.copy(site, std::move(inputs), std::move(attributes))[0];
  if (has_bias && !is_inside) {
    add_bias_behind(site, form, y, emitter);
  } else {
    emitter.define(site.output(), form, y);
  }
}

// X is the same for all members: their filters side by side.
Candidate wide(const Site& site) {
  const int members = site.members();
  Candidate candidate;
  candidate.rule = "fused";
  candidate.output = Form::folded(members);
  candidate.emit = [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.uniform(site.input(0)),
                                   emitter.joined_blocks(site.input(1), members, 0)};
    if (!site.is_absent(2)) inputs.push_back(emitter.joined_blocks(site.input(2), members, 0));
    emitter.copy_as(site, Form::folded(members), std::move(inputs));
  };
  return candidate;
}

}  // namespace

std::vector<Candidate> conv_rule(const Site& site) {
  if (site.rank(0) < 3 || !has_constant_weights(site)) return {};
  const int members = site.members();
  if (site.is_uniform(0) && site.node().attributes.get_int("group", 1) == 1) return {wide(site)};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (!form.is_folded()) continue;
    const int blocks = form.blocks;
    if (!site.facts().is_constant_on_blocks(site.input(1), blocks)) continue;
    Candidate candidate = in_form(site, rule_name(blocks, members), form,
                                  [=](Emitter& emitter) { emit_folded(site, blocks, emitter); });
    // Blocks with equal weights repeat them: bytes that a smaller k does not move.
    const int distinct = site.facts().classes[static_cast<std::size_t>(site.input(1))].count;
    if (blocks > distinct) candidate.cost = 2.0 * blocks * site.bytes(site.input(1));
    if (!site.is_absent(2) && !is_bias_inside(site, blocks)) {
      candidate.output = Form::front();
      candidate.cost += kLaunch + 2 * members * site.bytes(site.output());
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace braid
