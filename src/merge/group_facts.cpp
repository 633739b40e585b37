#include "merge/group_facts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

#include "ir/traverse.hpp"

namespace braid {
namespace {

// Members draw different numbers, so what these yield is never one for all.
bool is_random(const Node& node) {
  static constexpr std::array<std::string_view, 6> kRandom = {"Bernoulli",     "Multinomial",
                                                              "RandomNormal",  "RandomNormalLike",
                                                              "RandomUniform", "RandomUniformLike"};
  return node.domain.empty() &&
         std::find(kRandom.begin(), kRandom.end(), node.op_type) != kRandom.end();
}

// All members run at the same sizes, except those of ragged values.
bool yields_sizes(const Node& node) {
  return node.is("Shape") || node.is("Size");
}

// The partitions into share classes that matter most, by the bytes that they let be shared, decide
// the order; the next ones refine it.
std::vector<std::size_t> find_order(const AlignedGroup& group,
                                    const std::vector<ShareClasses>& classes) {
  std::map<std::vector<int>, std::size_t> bytes_of;
  for (std::size_t v = 0; v < classes.size(); ++v) {
    const int count = classes[v].count;
    if (count <= 1 || static_cast<std::size_t>(count) == group.size()) continue;
    bytes_of[classes[v].class_of] += group.exemplar().values[v].constant.bytes();
  }
  std::vector<std::pair<std::size_t, std::vector<int>>> partitions;
  for (const auto& [partition, bytes] : bytes_of)
    partitions.emplace_back(bytes, partition);
  std::stable_sort(partitions.begin(), partitions.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::size_t> order(group.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    for (const auto& [bytes, partition] : partitions) {
      if (partition[a] != partition[b]) return partition[a] < partition[b];
    }
    return false;
  });
  return order;
}

// Whether the sizes of what a node yields may depend on values that differ between the members.
bool decides_sizes(const GroupFacts& facts, const Node& node) {
  if (find_rule(node) == nullptr) return true;  // rules know what their operators read as sizes
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (is_structural_input(node, i) && facts.kind(node.inputs[i]) == Kind::Stacked) return true;
  }
  return false;
}

bool has_certain_sizes(const Type& type, const std::set<std::string>& symbols) {
  return type.shape && std::all_of(type.shape->begin(), type.shape->end(), [&](const Dim& dim) {
           return dim.is_known() || symbols.contains(dim.symbol);
         });
}

}  // namespace

GroupFacts find_facts(const AlignedGroup& group, std::int64_t opset, ContentIndex& contents) {
  GroupFacts facts;
  facts.group = &group;
  facts.opset = opset;
  facts.classes = share_classes(group, contents);
  facts.kinds.assign(facts.classes.size(), Kind::Uniform);
  facts.is_ragged.assign(facts.classes.size(), false);
  for (std::size_t v = 0; v < facts.classes.size(); ++v) {
    if (facts.classes[v].count > 1) facts.kinds[v] = Kind::Stacked;
  }
  facts.order = find_order(group, facts.classes);
  std::set<int> counts = {1, facts.members()};
  for (std::size_t v = 0; v < facts.classes.size(); ++v) {
    const int blocks = facts.aligned_blocks(static_cast<ValueId>(v));
    if (blocks > 1) counts.insert(blocks);
  }
  facts.block_counts.assign(counts.begin(), counts.end());
  return facts;
}

void find_kinds(GroupFacts& facts, std::size_t n, const std::set<std::string>& input_symbols) {
  if (facts.members() == 1) return;
  const Node& node = facts.graph().nodes[n];
  const std::vector<ValueId> reads = read_values(facts.graph(), node);
  const auto reads_any = [&](const auto& is_met) {
    return std::any_of(reads.begin(), reads.end(), is_met);
  };
  const bool reads_stacked = reads_any([&](ValueId id) { return facts.kind(id) == Kind::Stacked; });
  const bool reads_ragged =
      reads_any([&](ValueId id) { return facts.is_ragged[static_cast<std::size_t>(id)]; });
  const bool is_stacked = is_random(node) || (yields_sizes(node) ? reads_ragged : reads_stacked);
  if (!is_stacked) return;
  const bool may_be_ragged = reads_ragged || decides_sizes(facts, node);
  for (const ValueId id : node.outputs) {
    if (id == kAbsent) continue;
    facts.kinds[static_cast<std::size_t>(id)] = Kind::Stacked;
    facts.is_ragged[static_cast<std::size_t>(id)] =
        may_be_ragged && !has_certain_sizes(facts.graph().value(id).type, input_symbols);
  }
}

}  // namespace braid
