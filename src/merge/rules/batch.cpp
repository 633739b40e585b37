// Operators whose every data input and every output has the batch as its first axis, and that treat
// each entry of the batch alone: the members are folded into it, in folded(1). They hold no
// weights: Attention, RotaryEmbedding, TensorScatter, LinearAttention.
//
// Some inputs may lack the batch axis: masks of Attention, caches of RotaryEmbedding that positions
// point into. They stay as they are where all members have the same; masks that differ need a batch
// of one size, known to be that of the queries. Inputs that have the batch axis but are the same
// for all members are repeated.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

enum class Read { Batch, AsIs, Padded, No };

// The operators demand one size of batch, so of two sizes that are not known nothing is asked.
bool may_have_batch_of_data(const Site& site, std::size_t i) {
  if (site.rank(i) < 1) return false;
  const Dim& own = (*site.shape(i))[0];
  const Dim& data = (*site.shape(0))[0];
  return own.same_as(data) || (!own.is_known() && !data.is_known());
}

// Broadcast to [batch, heads, queries, keys].
Read read_mask(const Site& site, std::size_t i) {
  constexpr int kMaskRank = 4;
  const int rank = site.rank(i);
  if (rank < 0) return Read::No;
  const bool has_batch = rank == kMaskRank && (*site.shape(i))[0].size != 1;
  if (site.is_uniform(i) && !has_batch) return Read::AsIs;
  if (rank == kMaskRank) {
    return (*site.shape(i))[0].same_as((*site.shape(0))[0]) ? Read::Batch : Read::No;
  }
  return (*site.shape(0))[0].size == 1 ? Read::Padded : Read::No;
}

Read read_of(const Site& site, std::size_t i) {
  const Node& node = site.node();
  if (node.is("Attention") && i == 3) return read_mask(site, i);
  const bool has_positions = node.is("RotaryEmbedding") && !site.is_absent(3);
  if (has_positions && (i == 1 || i == 2)) return site.is_uniform(i) ? Read::AsIs : Read::No;
  return may_have_batch_of_data(site, i) ? Read::Batch : Read::No;
}

ValueId operand(const Site& site, std::size_t i, Emitter& emitter) {
  if (site.is_absent(i)) return kAbsent;
  switch (read_of(site, i)) {
    case Read::AsIs:
      return emitter.uniform(site.input(i));
    case Read::Padded:
      return emitter.padded(site.input(i), Form::folded(1), 4);
    default:
      return emitter.stacked(site.input(i), Form::folded(1));
  }
}

bool have_batch(const Site& site) {
  if (site.rank(0) < 1) return false;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && read_of(site, i) == Read::No) return false;
  }
  for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
    if (site.output(i) != kAbsent && site.output_rank(i) < 1) return false;
  }
  return true;
}

}  // namespace

std::vector<Candidate> batch_rule(const Site& site) {
  if (!have_batch(site)) return {};
  const Form form = Form::folded(1);
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < site.input_count(); ++i)
      inputs.push_back(operand(site, i, emitter));
    emitter.copy_as(site, form, std::move(inputs));
  });
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && read_of(site, i) == Read::Padded) candidate.inputs[i] = Form::front();
  }
  return {std::move(candidate)};
}

}  // namespace braid
