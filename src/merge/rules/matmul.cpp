// MatMul in the five rows of the algebra:
//
//   A stacked, B uniform    unchanged: the members are rows of one product (stitched)
//   A stacked, B stacked    batched over the members, in front: [M, .., K] x [M, 1.., K, O] (fused)
//   A uniform, B stacked    [N, K] x [K, M*O] -> [N, M*O], or broadcast: [.., K] x [M, 1.., K, O];
//                           one product per distinct weight
//   B in k blocks           [k, M/k*N, .., K] x [k, 1.., K, O]: each weight read once (mixed)
//   other share classes     batched, the weights repeated by a Gather
//
// A stacked vector would lose its own axis to the member axis: it becomes a matrix of one row or
// one column, [M, 1.., 1, K] or [M, 1.., K, 1], and the 1 is taken out of the product.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

bool is_weight(const Site& site, std::size_t i) {
  return site.is_constant(i) && site.is_stacked(i);
}

Candidate unchanged(const Site& site, const Form& form) {
  return in_form(site, site.is_constant(1) ? "stitched" : "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.uniform(site.input(1))});
  });
}

Candidate batched(const Site& site, const Form& form) {
  const bool is_fused = is_weight(site, 0) || is_weight(site, 1);
  return in_form(site, is_fused ? "fused" : "stacked", form, [=](Emitter& emitter) {
    const int rank = site.output_rank();
    emitter.copy_as(
        site, form,
        {emitter.operand(site.input(0), form, rank), emitter.operand(site.input(1), form, rank)});
  });
}

// The batch dims that members would be folded into must not broadcast.
bool can_batch_in(const Site& site, const Form& form) {
  if (form == Form::front()) return true;
  const int rank = site.output_rank();
  if (!site.is_stacked(0) || !site.is_stacked(1)) return false;
  if (site.rank(0) != rank || site.rank(1) != rank) return false;
  const int batch_axes = rank - 2;
  const int needed = form.minimum_rank();  // axes 0 .. needed - 1 take part in the form
  if (batch_axes < needed) return false;
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(needed); ++axis) {
    if (!(*site.shape(0))[axis].same_as((*site.shape(1))[axis])) return false;
  }
  return true;
}

Candidate wide(const Site& site) {
  const int members = site.members();
  Candidate candidate = in_form(site, "fused", Form::folded(members), [=](Emitter& emitter) {
    emitter.copy_as(
        site, Form::folded(members),
        {emitter.uniform(site.input(0)), emitter.joined_blocks(site.input(1), members, 1)});
  });
  return candidate;
}

// A uniform A and weights of which several members have the same: computed once per weight.
Candidate per_distinct(const Site& site) {
  return in_form(site, "mixed", Form::front(), [=](Emitter& emitter) {
    const ValueId weights = emitter.distinct(site.input(1), site.output_rank());
    const ValueId y = emitter.copy(site, {emitter.uniform(site.input(0)), weights})[0];
    emitter.define(site.output(), Form::front(), emitter.repeated(y, site.input(1)));
  });
}

Candidate in_blocks(const Site& site, int blocks) {
  return in_form(site, "mixed", Form::front(), [=](Emitter& emitter) {
    const int rank = site.output_rank();
    // [M, N, ..., K] -> [k, M/k*N, ..., K]
    std::vector<std::int64_t> target(static_cast<std::size_t>(rank) + 1, 0);
    target[0] = blocks;
    target[1] = -1;
    const ValueId rows = emitter.reshape(emitter.stacked(site.input(0), Form::front()), target);
    const ValueId weights = emitter.blocks(site.input(1), blocks, rank);
    const ValueId y = emitter.copy(site, {rows, weights})[0];
    target[0] = emitter.members();
    emitter.define(site.output(), Form::front(), emitter.reshape(y, target));
  });
}

// A stacked operand of a product of rank `rank`, in front; vectors as matrices.
ValueId as_matrix(Emitter& emitter, const Site& site, std::size_t i, int rank) {
  if (site.rank(i) != 1) return emitter.padded(site.input(i), Form::front(), rank);
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 1; axis < rank; ++axis)
    axes.push_back(axis);
  if (i == 1) axes.back() = rank;
  return emitter.unsqueeze(emitter.stacked(site.input(i), Form::front()), axes);
}

Candidate with_vectors(const Site& site) {
  const bool has_weight = is_weight(site, 0) || is_weight(site, 1);
  return in_form(site, has_weight ? "fused" : "stacked", Form::front(), [=](Emitter& emitter) {
    const int rank = std::max({site.rank(0), site.rank(1), 2});
    std::vector<ValueId> inputs;
    for (const std::size_t i : {0, 1}) {
      inputs.push_back(site.is_stacked(i) ? as_matrix(emitter, site, i, rank)
                                          : emitter.uniform(site.input(i)));
    }
    ValueId y = emitter.copy(site, std::move(inputs))[0];
    // The dims of one row and of one column, as far as they are there; the last one first.
    const bool has_row = site.is_stacked(0) || site.rank(0) > 1;
    if (site.is_stacked(1) && site.rank(1) == 1) y = emitter.squeeze(y, {rank - (has_row ? 0 : 1)});
    if (site.is_stacked(0) && site.rank(0) == 1) y = emitter.squeeze(y, {rank - 1});
    emitter.define(site.output(), Form::front(), y);
  });
}

// [.., K] x [K] for all members.
std::vector<Candidate> by_uniform_vector(const Site& site) {
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.output_rank())) {
    if (!form.is_free(site.rank(0) - 1, site.members())) continue;
    candidates.push_back(unchanged(site, form));
  }
  return candidates;
}

}  // namespace

std::vector<Candidate> matmul_rule(const Site& site) {
  const int a = site.rank(0);
  const int b = site.rank(1);
  if (a < 1 || b < 1 || site.output_rank() < 0) return {};
  std::vector<Candidate> candidates;
  if (site.is_uniform(1) && b == 2) {
    if (a == 1) return {unchanged(site, Form::front())};
    for (const Form& form : site.forms(a)) {
      // The contracted axis must be one of its own, and second must not split it off the rows.
      if (form.is_free(a - 1, site.members())) candidates.push_back(unchanged(site, form));
    }
    return candidates;
  }
  if (site.is_uniform(1) && b == 1) return by_uniform_vector(site);
  if (a < 2 || b < 2) return {with_vectors(site)};
  for (const Form& form : site.forms(site.output_rank())) {
    if (can_batch_in(site, form)) candidates.push_back(batched(site, form));
  }
  const bool is_matrix = b == 2 || b < site.output_rank();  // leaves the batch to the members
  if (!is_weight(site, 1) || !is_matrix) return candidates;
  const int blocks = site.facts().aligned_blocks(site.input(1));
  const int distinct = site.facts().classes[static_cast<std::size_t>(site.input(1))].count;
  const double repeated = 2.0 * (site.members() - distinct) * site.bytes(site.input(1));
  if (distinct < site.members()) {
    for (Candidate& candidate : candidates)
      candidate.cost += site.costs().launch + repeated;
  }
  if (site.is_uniform(0)) {
    if (distinct < site.members()) candidates.push_back(per_distinct(site));
    if (distinct == site.members() && a == 2 && b == 2) candidates.push_back(wide(site));
  } else if (blocks > 1 && blocks < site.members()) {
    candidates.push_back(in_blocks(site, blocks));
  }
  return candidates;
}

}  // namespace braid
