// Operators that treat each channel, or each group of channels, alone: BatchNormalization,
// InstanceNormalization, GroupNormalization, DeformConv, CausalConvWithState.
//
//   X in folded(k): [M/k*N, k*C, ...]   parameters: those of the k blocks joined, [k*C, ...]
//   Op {what counts groups: times k} -> folded(k)
//
// Not for BatchNormalization in training mode: its statistics run over the batch and come out.

#include <array>

#include "merge/rules/blocks.hpp"

namespace braid {
namespace {

struct Blockwise {
  std::string_view op;
  std::vector<std::size_t> data;        // read in folded(k), like all outputs
  std::vector<std::size_t> parameters;  // joined along their first axis
  std::vector<const char*> counts;      // attributes that count groups
  int minimum_rank;
};

const Blockwise& find_blockwise(const Site& site) {
  static const std::array<Blockwise, 5> kAll{{
      {"BatchNormalization", {0}, {1, 2, 3, 4}, {}, 2},
      {"CausalConvWithState", {0, 3}, {1, 2}, {}, 3},
      {"DeformConv", {0, 2, 4}, {1, 3}, {"group", "offset_group"}, 3},
      {"GroupNormalization", {0}, {1, 2}, {"num_groups"}, 2},
      {"InstanceNormalization", {0}, {1, 2}, {}, 2},
  }};
  std::size_t i = 0;
  while (i + 1 < kAll.size() && !site.node().is(kAll[i].op))
    ++i;
  return kAll[i];
}

// Statistics over the batch, or parameters per element, as the oldest operator sets have them.
bool is_unusual_batch_normalization(const Site& site) {
  if (!site.node().is("BatchNormalization")) return false;
  const Attributes& attributes = site.node().attributes;
  bool has_statistics = attributes.get_int("training_mode", 0) != 0;
  for (std::size_t i = 1; i < site.node().outputs.size(); ++i) {
    has_statistics = has_statistics || site.output(i) != kAbsent;
  }
  return has_statistics || attributes.get_int("spatial", 1) == 0;
}

void emit(const Site& site, const Blockwise& op, const Form& form, Emitter& emitter) {
  std::vector<ValueId> inputs(site.input_count(), kAbsent);
  for (const std::size_t i : op.data) {
    if (!site.is_absent(i)) inputs[i] = emitter.stacked(site.input(i), form);
  }
  for (const std::size_t i : op.parameters) {
    if (!site.is_absent(i)) inputs[i] = joined(emitter, site, i, form.blocks);
  }
  Attributes attributes = site.node().attributes;
  for (const char* name : op.counts) {
    if (form.blocks > 1) attributes.set(name, attributes.get_int(name, 1) * form.blocks);
  }
  emitter.copy_as(site, form, std::move(inputs), std::move(attributes));
}

}  // namespace

std::vector<Candidate> blockwise_rule(const Site& site) {
  const Blockwise& op = find_blockwise(site);
  if (is_unusual_batch_normalization(site)) return {};
  for (const std::size_t i : op.data) {
    if (!site.is_absent(i) && site.rank(i) < op.minimum_rank) return {};
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (!form.is_folded()) continue;
    bool fits = true;
    for (const std::size_t i : op.parameters)
      fits = fits && is_joinable(site, i, form.blocks);
    if (!fits) continue;
    Candidate candidate = in_form(site, blocks_rule(site, form.blocks), form,
                                  [=](Emitter& emitter) { emit(site, op, form, emitter); });
    for (const std::size_t i : op.parameters) {
      if (i < site.input_count()) read_joined(site, i, 0, candidate);
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace braid
