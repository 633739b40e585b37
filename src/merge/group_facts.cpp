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

// All members run at the same sizes.
bool yields_sizes(const Node& node) {
  return node.is("Shape") || node.is("Size");
}

std::vector<Kind> find_kinds(const AlignedGroup& group, const std::vector<ShareClasses>& classes) {
  const Graph& graph = group.exemplar();
  const Kind varying = group.size() > 1 ? Kind::Stacked : Kind::Uniform;
  std::vector<Kind> kinds(graph.values.size(), Kind::Uniform);
  for (const ValueId id : graph.inputs)
    kinds[static_cast<std::size_t>(id)] = varying;
  for (std::size_t v = 0; v < classes.size(); ++v) {
    if (classes[v].count > 1) kinds[v] = Kind::Stacked;
  }
  for (const Node& node : graph.nodes) {
    const std::vector<ValueId> reads = read_values(graph, node);
    const bool is_varying =
        is_random(node) ||
        (!yields_sizes(node) && std::any_of(reads.begin(), reads.end(), [&](ValueId id) {
          return kinds[static_cast<std::size_t>(id)] == Kind::Stacked;
        }));
    if (!is_varying) continue;
    for (const ValueId id : node.outputs) {
      if (id != kAbsent) kinds[static_cast<std::size_t>(id)] = varying;
    }
  }
  return kinds;
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

}  // namespace

GroupFacts find_facts(const AlignedGroup& group, std::int64_t opset, ContentIndex& contents) {
  GroupFacts facts;
  facts.group = &group;
  facts.opset = opset;
  facts.classes = share_classes(group, contents);
  facts.kinds = find_kinds(group, facts.classes);
  facts.order = find_order(group, facts.classes);
  std::set<int> counts = {1, facts.members()};
  for (std::size_t v = 0; v < facts.classes.size(); ++v) {
    const int blocks = facts.aligned_blocks(static_cast<ValueId>(v));
    if (blocks > 1) counts.insert(blocks);
  }
  facts.block_counts.assign(counts.begin(), counts.end());
  return facts;
}

}  // namespace braid
