#include "merge/group_facts.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "ir/random_operators.hpp"
#include "ir/traverse.hpp"
#include "merge/member_sizes.hpp"
#include "merge/subgraph_group.hpp"

namespace braid {
namespace {

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

// All members run at the same sizes, except those of ragged values.
bool reads_sizes_only(const Node& node) {
  return node.is("EyeLike") || node.is("SequenceLength") || node.is("Shape") || node.is("Size");
}

bool reads_ragged(const GroupFacts& facts, const Node& node) {
  const std::vector<ValueId> reads = read_values(facts.graph(), node);
  return std::any_of(reads.begin(), reads.end(),
                     [&](ValueId id) { return facts.is_ragged[static_cast<std::size_t>(id)]; });
}

// A uniform value is computed from uniform ones only, or from the sizes of values whose sizes are
// the same in all members.
bool is_varying(const GroupFacts& facts, std::size_t n) {
  const Node& node = facts.graph().nodes[n];
  const std::vector<ValueId> reads = read_values(facts.graph(), node);
  // Members draw different numbers, so what a random operator yields is never one for all.
  return is_random(node) || have_different_subgraphs(facts, n) ||
         std::any_of(reads.begin(), reads.end(), [&](ValueId id) {
           const auto at = static_cast<std::size_t>(id);
           return reads_sizes_only(node) ? facts.is_ragged[at] : facts.kinds[at] == Kind::Stacked;
         });
}

}  // namespace

bool have_different_subgraphs(const GroupFacts& facts, std::size_t n) {
  const Attributes& attributes = facts.graph().nodes[n].attributes;
  return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& attribute) {
    if (std::holds_alternative<std::vector<GraphPtr>>(attribute.value)) return true;
    if (!std::holds_alternative<GraphPtr>(attribute.value)) return false;
    const auto group = find_subgraph_group(facts, n, attribute.name);
    return group == nullptr || !group->is_uniform;
  });
}

GroupFacts find_facts(const AlignedGroup& group, std::int64_t opset, const MergeOptions& options,
                      ContentIndex& contents) {
  GroupFacts facts;
  facts.group = &group;
  facts.options = &options;
  facts.contents = &contents;
  facts.opset = opset;
  facts.subgraphs = std::make_shared<SubgraphGroups>();
  facts.classes = share_classes(group, contents);
  facts.kinds.assign(facts.classes.size(), Kind::Uniform);
  facts.is_ragged.assign(facts.classes.size(), false);
  for (std::size_t v = 0; v < facts.classes.size(); ++v) {
    if (facts.classes[v].count > 1) facts.kinds[v] = Kind::Stacked;
  }
  set_order(facts, find_order(group, facts.classes));
  return facts;
}

void set_order(GroupFacts& facts, std::vector<std::size_t> order) {
  facts.order = std::move(order);
  std::set<int> counts = {1, facts.members()};
  for (std::size_t v = 0; v < facts.classes.size(); ++v) {
    const int blocks = facts.aligned_blocks(static_cast<ValueId>(v));
    if (blocks > 1) counts.insert(blocks);
  }
  facts.block_counts.assign(counts.begin(), counts.end());
}

void find_kinds(GroupFacts& facts, std::size_t n, const MemberSizes& sizes) {
  const Node& node = facts.graph().nodes[n];
  if (facts.members() == 1 || !is_varying(facts, n)) return;
  for (const ValueId id : node.outputs) {
    if (id != kAbsent) facts.kinds[static_cast<std::size_t>(id)] = Kind::Stacked;
  }
  // Members that take the same way through a subgraph have the same sizes there, if they enter it
  // with the same.
  const Rule rule = has_subgraph(node) && !reads_ragged(facts, node) ? find_rule(node) : nullptr;
  if (rule != nullptr && !rule(Site(facts, n)).empty()) return;
  for (const ValueId id : node.outputs) {
    if (id == kAbsent) continue;
    facts.is_ragged[static_cast<std::size_t>(id)] =
        sizes.may_differ(facts.graph(), node, id, facts.kinds, facts.is_ragged);
  }
}

}  // namespace braid
