// MatMulInteger and QLinearMatMul, as MatMul: integers are summed, so nothing is rounded anew.
//
//   A stacked, B and its parameters uniform   unchanged: the members are rows (stitched)
//   else                                      batched, in front: [M, .., K] x [M, 1.., K, O]
//   (fused) B in k blocks                             [k, M/k*N, .., K] x [k, 1.., K, O] (mixed)
//
// Scale and zero point of B become one value per column of every product, [k, 1.., 1, O], as their
// N-dimensional form has it. Those of A and of the result must be single values and the same for
// all members, since runtimes take no others.

#include <algorithm>

#include "merge/rules/blocks.hpp"

namespace braid {
namespace {

struct Slots {
  std::size_t b;
  std::vector<std::size_t> columns;  // parameters of B
  std::vector<std::size_t> common;   // parameters of A and of the result
};

const Slots& slots_of(const Site& site) {
  static const Slots kInteger{1, {3}, {2}};
  static const Slots kLinear{3, {4, 5}, {1, 2, 6, 7}};
  return site.node().is("QLinearMatMul") ? kLinear : kInteger;
}

// B and its parameters are the same for all members.
bool is_shared(const Site& site) {
  const Slots& slots = slots_of(site);
  return site.is_uniform(slots.b) &&
         std::ranges::none_of(slots.columns, [&](std::size_t i) { return site.is_stacked(i); });
}

std::vector<ValueId> with_common(const Site& site, Emitter& emitter, ValueId a, ValueId b) {
  const Slots& slots = slots_of(site);
  std::vector<ValueId> inputs(site.input_count(), kAbsent);
  inputs[0] = a;
  inputs[slots.b] = b;
  for (const std::size_t i : slots.common) {
    if (!site.is_absent(i)) inputs[i] = emitter.uniform(site.input(i));
  }
  return inputs;
}

Candidate unchanged(const Site& site, const Form& form) {
  return in_form(site, "stitched", form, [=](Emitter& emitter) {
    const Slots& slots = slots_of(site);
    const ValueId a = emitter.stacked(site.input(0), form);
    std::vector<ValueId> inputs =
        with_common(site, emitter, a, emitter.uniform(site.input(slots.b)));
    for (const std::size_t i : slots.columns) {
      if (!site.is_absent(i)) inputs[i] = emitter.uniform(site.input(i));
    }
    emitter.copy_as(site, form, std::move(inputs));
  });
}

// B's parameters are what they are beside any stack of B.
bool keeps_columns(const Site& site) {
  return std::ranges::all_of(slots_of(site).columns, [&](std::size_t i) {
    return site.is_absent(i) || (site.is_uniform(i) && (is_single(site, i) || is_shared(site)));
  });
}

// One value per column and block, beside B's [k, 1.., dims of B].
ValueId columns(Emitter& emitter, const Site& site, std::size_t i, int blocks) {
  if (keeps_columns(site)) return emitter.uniform(site.input(i));
  const int rank = site.output_rank();
  const Shape& b = *site.shape(slots_of(site).b);
  std::vector<std::int64_t> target(static_cast<std::size_t>(rank) + 1, 1);
  target[0] = blocks;
  for (std::size_t axis = 0; axis < b.size(); ++axis)
    target[target.size() - b.size() + axis] = b[axis].size;
  target[target.size() - 2] = 1;
  const ValueId slices = site.is_constant(i) ? emitter.blocks(site.input(i), blocks, rank)
                                             : emitter.operand(site.input(i), Form::front(), rank);
  return emitter.add("Expand", {slices, emitter.ints(target)});
}

ValueId weights(Emitter& emitter, const Site& site, int blocks) {
  const std::size_t b = slots_of(site).b;
  const int rank = site.output_rank();
  if (is_shared(site)) return emitter.uniform(site.input(b));
  if (site.is_constant(b)) return emitter.blocks(site.input(b), blocks, rank);
  return emitter.padded(site.input(b), Form::front(), rank);  // a uniform one is repeated
}

Candidate in_blocks(const Site& site, int blocks) {
  return in_form(
      site, blocks == site.members() ? "fused" : "mixed", Form::front(), [=](Emitter& emitter) {
        const int rank = site.output_rank();
        const bool is_whole = blocks == emitter.members();
        ValueId a = emitter.operand(site.input(0), Form::front(), rank);
        // [M, N, ..., K] -> [k, M/k*N, ..., K]
        std::vector<std::int64_t> target(static_cast<std::size_t>(rank) + 1, 0);
        target[0] = blocks;
        target[1] = -1;
        if (!is_whole) a = emitter.reshape(a, target);
        std::vector<ValueId> inputs = with_common(site, emitter, a, weights(emitter, site, blocks));
        for (const std::size_t i : slots_of(site).columns) {
          if (!site.is_absent(i)) inputs[i] = columns(emitter, site, i, blocks);
        }
        const ValueId y = emitter.copy(site, std::move(inputs))[0];
        target[0] = emitter.members();
        emitter.define(site.output(), Form::front(), is_whole ? y : emitter.reshape(y, target));
      });
}

bool applies(const Site& site, const Slots& slots) {
  const Shape* b = site.shape(slots.b);
  if (site.rank(0) < 2 || b == nullptr || b->size() < 2 || site.output_rank() < 0) return false;
  for (const std::size_t i : slots.common) {
    if (!site.is_absent(i) && (site.is_stacked(i) || !is_single(site, i))) return false;
  }
  for (const std::size_t i : slots.columns) {
    if (!site.is_absent(i) && (site.rank(i) < 0 || site.rank(i) > site.output_rank())) return false;
  }
  return keeps_columns(site) ||
         std::ranges::all_of(*b, [](const Dim& dim) { return dim.is_known(); });
}

}  // namespace

std::vector<Candidate> quantized_matmul_rule(const Site& site) {
  const Slots& slots = slots_of(site);
  if (!applies(site, slots)) return {};
  std::vector<Candidate> candidates;
  if (is_shared(site) && site.rank(slots.b) == 2) {
    for (const Form& form : site.forms(site.rank(0))) {
      if (form.is_free(site.rank(0) - 1, site.members())) {
        candidates.push_back(unchanged(site, form));
      }
    }
    return candidates;
  }
  candidates.push_back(in_blocks(site, site.members()));
  if (!site.is_constant(slots.b)) return candidates;
  const int blocks = site.facts().aligned_blocks(site.input(slots.b));
  const bool is_in_blocks =
      blocks > 1 && blocks < site.members() && site.is_stacked(0) && site.rank(slots.b) == 2 &&
      std::ranges::all_of(slots.columns, [&](std::size_t i) {
        return site.is_absent(i) || (site.is_constant(i) && is_joinable(site, i, blocks));
      });
  if (!is_in_blocks) return candidates;
  candidates[0].cost = site.costs().launch + 2.0 * site.members() * site.bytes(site.input(slots.b));
  candidates.push_back(in_blocks(site, blocks));
  return candidates;
}

}  // namespace braid
