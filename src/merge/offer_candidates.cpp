#include "merge/offer_candidates.hpp"

#include <algorithm>

#include "ir/traverse.hpp"
#include "merge/align.hpp"

namespace braid {
namespace {

// Joining the members' values takes equal sizes, and elements that Concat and Split know. Only the
// rule of DequantizeLinear knows how to store constants of other types side by side.
bool can_be_joined(const Site& site, ValueId id) {
  const GroupFacts& facts = site.facts();
  if (facts.is_ragged[static_cast<std::size_t>(id)]) return false;
  if (!is_inseparable(facts.graph().value(id).type.dtype)) return true;
  return site.node().is("DequantizeLinear") && facts.can_be_joined(id);
}

// Reshape, which leads from form to form, finds no dim for -1 beside a dim of 0.
bool is_empty(const Site& site) {
  const auto has_zero = [](const Shape* shape) {
    return shape != nullptr &&
           std::ranges::any_of(*shape, [](const Dim& dim) { return dim.size == 0; });
  };
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    // A uniform value takes the form of the others; an empty list of sizes or axes does not.
    const bool takes_form = site.is_stacked(i) || !sets_structure(site.node(), i);
    if (takes_form && has_zero(site.shape(i))) return true;
  }
  for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
    if (has_zero(site.output_shape(i))) return true;
  }
  return false;
}

// The member axis has a place in tensors of known rank only.
bool is_placeable(const Site& site, const Candidate& candidate) {
  for (std::size_t i = 0; i < std::min(site.input_count(), candidate.inputs.size()); ++i) {
    const bool is_placed = candidate.inputs[i] != Form::separate();
    if (is_placed && site.is_stacked(i) && site.rank(i) < 0) return false;
  }
  for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
    const bool is_read = site.output(i) != kAbsent;
    if (is_read && candidate.output != Form::separate() && site.output_rank(i) < 0) return false;
  }
  return true;
}

// Some targets are slow at products with a batch of constant weights; one wide matrix is none.
bool suits_target(const Site& site, const Candidate& candidate) {
  if (site.costs().has_batched_weights) return true;
  const bool is_product = site.node().is("MatMul") || site.node().is("Gemm");
  if (!is_product || !site.is_constant(1) || !site.is_stacked(1)) return true;
  return site.is_uniform(0) && candidate.output.is_folded();
}

bool reads_or_yields(const Site& site, const auto& is_met) {
  const std::vector<ValueId> reads = read_values(site.facts().graph(), site.node());
  return std::any_of(reads.begin(), reads.end(), is_met) ||
         std::any_of(site.node().outputs.begin(), site.node().outputs.end(),
                     [&](ValueId id) { return id != kAbsent && is_met(id); });
}

// With those of its subgraphs, as if each ran once.
double count_nodes(const Node& node) {
  double count = 1;
  for_each_subgraph(node, [&](const GraphPtr& graph) {
    for (const Node& inner : graph->nodes)
      count += count_nodes(inner);
  });
  return count;
}

}  // namespace

Candidate per_member(const Site& site) {
  Candidate candidate;
  candidate.rule = "per member";
  candidate.inputs.assign(site.input_count(), Form::separate());
  candidate.output = Form::separate();
  candidate.cost = site.costs().launch * count_nodes(site.node()) * (site.members() - 1);
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.is_absent(i)) continue;
    // What members have in common is read by each of them.
    const bool is_shared = site.is_constant(i) || site.is_uniform(i);
    const int distinct = site.is_constant(i)
                             ? site.facts().classes[static_cast<std::size_t>(site.input(i))].count
                             : 1;
    if (is_shared) candidate.cost += (site.members() - distinct) * site.bytes(site.input(i));
  }
  candidate.emit = [=](Emitter&) {};
  return candidate;
}

std::vector<Candidate> offer_candidates(const Site& site) {
  const GroupFacts& facts = site.facts();
  const auto is_stacked = [&](ValueId id) { return facts.kind(id) == Kind::Stacked; };
  const auto stays_apart = [&](ValueId id) { return is_stacked(id) && !can_be_joined(site, id); };
  if (!reads_or_yields(site, is_stacked)) return {};
  if (reads_or_yields(site, stays_apart)) return {per_member(site)};
  if (is_empty(site) && is_stacked(site.output())) return {per_member(site)};
  // Before opset 7, operators broadcast by attributes of their own, which rules do not know.
  constexpr std::int64_t kOldestWithRules = 7;
  std::vector<Candidate> candidates;
  const Rule rule = facts.opset < kOldestWithRules ? nullptr : find_rule(site.node());
  if (rule != nullptr) candidates = rule(site);
  std::erase_if(candidates, [&](const Candidate& c) {
    return !is_placeable(site, c) || !suits_target(site, c);
  });
  if (candidates.empty() || !facts.options->merges_always) candidates.push_back(per_member(site));
  return candidates;
}

}  // namespace braid
