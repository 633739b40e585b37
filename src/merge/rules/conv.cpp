// Conv and ConvTranspose of members whose weights W fall into k share classes, blocks of
// consecutive members:
//
//   X in folded(k): [M/k*N, k*C, ...]   W: the k distinct ones joined along axis 0
//   Conv {group: k*g} -> folded(k)
//
// k = 1 is stitching (MTS): the members are the batch, the weight is read once. k = M is fusing
// (NetFuse): one grouped convolution. In between both at once. Other classes, and weights that are
// computed: as k = M. ConvTranspose, whose W is [C, O/g, ...], joins along axis 0 all the same:
// there the groups lie in the input channels.
//
// A uniform X without groups: one wide convolution, the filters joined along the output channels,
// which are axis 0 of W for Conv and axis 1 for ConvTranspose. With groups, X is repeated.
//
// A bias with other classes than W is added behind, where it fits. Not for an output_shape that
// tells batch and channels, which older exporters wrote: those are not the merged ones.

#include "merge/rules/blocks.hpp"

namespace braid {
namespace {

std::int64_t group_of(const Site& site) {
  return site.node().attributes.get_int("group", 1);
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
  const bool is_bias_inside = is_joinable(site, 2, blocks);
  std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form),
                                 joined(emitter, site, 1, blocks)};
  if (!site.is_absent(2) && is_bias_inside) inputs.push_back(joined(emitter, site, 2, blocks));
  Attributes attributes = site.node().attributes;
  if (blocks > 1) attributes.set("group", group_of(site) * blocks);
  const ValueId y = emitter.copy(site, std::move(inputs), std::move(attributes))[0];
  if (is_bias_inside) {
    emitter.define(site.output(), form, y);
  } else {
    add_bias_behind(site, form, y, emitter);
  }
}

Candidate folded(const Site& site, const Form& form) {
  Candidate candidate = in_form(site, blocks_rule(site, form.blocks), form,
                                [=](Emitter& emitter) { emit_folded(site, form.blocks, emitter); });
  read_joined(site, 1, 0, candidate);
  if (site.is_absent(2)) return candidate;
  if (is_joinable(site, 2, form.blocks)) {
    read_joined(site, 2, 0, candidate);
  } else {
    candidate.inputs[2] = Form::front();
    candidate.output = Form::front();
    candidate.cost += site.costs().launch + 2 * site.members() * site.bytes(site.output());
  }
  return candidate;
}

// X is the same for all members: their filters side by side.
Candidate wide(const Site& site) {
  const int members = site.members();
  const int filter_axis = site.node().is("ConvTranspose") ? 1 : 0;
  Candidate candidate = in_form(site, "fused", Form::folded(members), [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.uniform(site.input(0)),
                                   joined(emitter, site, 1, members, filter_axis)};
    if (!site.is_absent(2)) inputs.push_back(joined(emitter, site, 2, members));
    emitter.copy_as(site, Form::folded(members), std::move(inputs));
  });
  read_joined(site, 1, filter_axis, candidate);
  if (!site.is_absent(2)) read_joined(site, 2, 0, candidate);
  return candidate;
}

bool tells_batch(const Site& site) {
  const auto output_shape = site.node().attributes.get_ints("output_shape");
  return static_cast<int>(output_shape.size()) > site.rank(0) - 2;
}

}  // namespace

std::vector<Candidate> conv_rule(const Site& site) {
  const int members = site.members();
  if (site.rank(0) < 3 || site.rank(1) != site.rank(0) || tells_batch(site)) return {};
  if (!is_joinable(site, 2, members)) return {};
  if (site.is_uniform(0) && group_of(site) == 1) return {wide(site)};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (form.is_folded() && is_joinable(site, 1, form.blocks)) {
      candidates.push_back(folded(site, form));
    }
  }
  return candidates;
}

}  // namespace braid
