// Gather, GatherElements, GatherND. Indices stay those of one member, so nothing has to be offset:
//
//   data stacked, indices uniform   the axis moves with the member axis
//   data uniform, indices stacked   unchanged; on axis 0 an embedding that all share is read once,
//                                   elsewhere the member axis comes out where the axis was
//   both stacked                    GatherND with the members as batch: [M, V, D], [M, N, 1]; the
//                                   axis is brought in front and what it was replaced by back
//
// GatherND keeps what Gather does with negative indices and with indices out of range, which
// adding offsets into one long table would not.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

constexpr std::int64_t kBatchDimsSince = 12;  // of GatherND

Candidate move_axis(const Site& site, const Form& form, int axis) {
  return in_form(site, site.is_constant(0) ? "fused" : "stacked", form, [=](Emitter& emitter) {
    const auto physical = static_cast<std::int64_t>(form.physical(axis));
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.uniform(site.input(1))},
                    with(site.node().attributes, "axis", physical));
  });
}

Candidate look_up(const Site& site, const Form& form) {
  return in_form(site, site.is_constant(0) ? "stitched" : "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.uniform(site.input(0)), emitter.stacked(site.input(1), form)});
  });
}

// The stacked indices; GatherND takes int64 only.
ValueId wide_indices(Emitter& emitter, const Site& site) {
  const ValueId indices = emitter.stacked(site.input(1), Form::front());
  if (site.facts().graph().value(site.input(1)).type.dtype == DType::Int64) return indices;
  Attributes attributes;
  attributes.set("to", static_cast<std::int64_t>(DType::Int64));
  return emitter.add("Cast", {indices}, std::move(attributes));
}

ValueId gather_nd(Emitter& emitter, ValueId data, ValueId indices) {
  Attributes attributes;
  attributes.set("batch_dims", std::int64_t{1});
  return emitter.add("GatherND", {data, indices}, std::move(attributes));
}

// Moves `count` axes from `from` on to `to`, of `rank` axes. Nothing if they are there.
ValueId move_axes(Emitter& emitter, ValueId id, int from, int count, int to, int rank) {
  if (from == to) return id;
  std::vector<std::int64_t> perm;
  for (int axis = 0; axis < rank; ++axis) {
    if (axis < from || axis >= from + count) perm.push_back(axis);
  }
  for (int i = 0; i < count; ++i)
    perm.insert(perm.begin() + to + i, from + i);
  return emitter.transpose(id, perm);
}

// [V1, .., M, N, .., V2] -> [M, V1, .., N, .., V2]
Candidate look_up_inside(const Site& site, int axis) {
  Candidate candidate = in_form(
      site, site.is_constant(0) ? "stitched" : "stacked", Form::front(), [=](Emitter& emitter) {
        const ValueId indices = emitter.stacked(site.input(1), Form::front());
        const ValueId y = emitter.copy(site, {emitter.uniform(site.input(0)), indices})[0];
        emitter.define(site.output(), Form::front(),
                       move_axes(emitter, y, axis, 1, 0, site.output_rank() + 1));
      });
  candidate.cost = site.costs().launch + 2.0 * site.members() * site.bytes(site.output());
  return candidate;
}

Candidate look_up_per_member(const Site& site, int axis) {
  const std::string rule = site.is_constant(0) ? "fused" : "stacked";
  Candidate candidate = in_form(site, rule, Form::front(), [=](Emitter& emitter) {
    const int count = site.rank(1);
    const ValueId data = emitter.stacked(site.input(0), Form::front());
    const ValueId rows = move_axes(emitter, data, axis + 1, 1, 1, site.rank(0) + 1);
    const ValueId indices = emitter.unsqueeze(wide_indices(emitter, site), {count + 1});
    const ValueId y = gather_nd(emitter, rows, indices);  // [M, N.., V1, .., V2]
    emitter.define(site.output(), Form::front(),
                   move_axes(emitter, y, 1, count, axis + 1, site.output_rank() + 1));
  });
  if (axis > 0) {
    candidate.cost = 2 * site.costs().launch +
                     2.0 * site.members() * (site.bytes(site.input(0)) + site.bytes(site.output()));
  }
  return candidate;
}

// Tables in k blocks: [k, V, D] and indices [k, M/k*N, ..., 1].
Candidate look_up_in_blocks(const Site& site, int blocks) {
  return in_form(site, "mixed", Form::front(), [=](Emitter& emitter) {
    const int rank = site.rank(1);
    std::vector<std::int64_t> target(static_cast<std::size_t>(rank) + 2, 0);
    target[0] = blocks;
    target[1] = -1;
    target.back() = 1;
    const ValueId indices = emitter.reshape(wide_indices(emitter, site), target);
    const ValueId data = emitter.blocks(site.input(0), blocks, site.rank(0));
    const ValueId y = gather_nd(emitter, data, indices);
    target.assign(static_cast<std::size_t>(site.output_rank()) + 1, 0);
    target[0] = emitter.members();
    target[1] = -1;
    emitter.define(site.output(), Form::front(), emitter.reshape(y, target));
  });
}

}  // namespace

std::vector<Candidate> gather_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || site.rank(1) < 0) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  std::vector<Candidate> candidates;
  if (site.is_uniform(1)) {
    for (const Form& form : site.forms(rank)) {
      // A scalar index removes the axis, others put their own dims in its place.
      if (!form.is_free(axis, site.members()) || !form.is_removable(axis)) continue;
      candidates.push_back(move_axis(site, form, axis));
    }
    return candidates;
  }
  if (site.is_uniform(0)) {
    if (axis != 0) return {look_up_inside(site, axis)};
    for (const Form& form : site.forms(site.rank(1)))
      candidates.push_back(look_up(site, form));
    return candidates;
  }
  if (site.opset() < kBatchDimsSince) return {};
  candidates.push_back(look_up_per_member(site, axis));
  if (axis != 0 || !site.is_constant(0) || site.rank(1) < 1) return candidates;
  const int blocks = site.facts().aligned_blocks(site.input(0));
  const int distinct = site.facts().classes[static_cast<std::size_t>(site.input(0))].count;
  if (distinct < site.members()) {
    candidates[0].cost = site.costs().launch + 2.0 * site.members() * site.bytes(site.input(0));
  }
  if (blocks > 1 && blocks < site.members()) {
    candidates.push_back(look_up_in_blocks(site, blocks));
  }
  return candidates;
}

std::vector<Candidate> gather_elements_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || site.rank(1) != rank) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  const Form form = Form::front();
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.stacked(site.input(1), form)},
                    with(site.node().attributes, "axis", std::int64_t{axis + 1}));
  });
  candidate.cost = expansion_cost(site);
  return {candidate};
}

std::vector<Candidate> gather_nd_rule(const Site& site) {
  if (site.rank(0) < 1 || site.rank(1) < 1) return {};
  const Form form = Form::front();
  const std::int64_t batch_dims = site.node().attributes.get_int("batch_dims", 0);
  if (site.is_uniform(0) && batch_dims == 0) {
    return {in_form(site, "stacked", form, [=](Emitter& emitter) {
      emitter.copy_as(site, form,
                      {emitter.uniform(site.input(0)), emitter.stacked(site.input(1), form)});
    })};
  }
  if (site.opset() < kBatchDimsSince) return {};
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.stacked(site.input(1), form)},
                    with(site.node().attributes, "batch_dims", batch_dims + 1));
  });
  candidate.cost = expansion_cost(site);
  return {candidate};
}

}  // namespace braid
