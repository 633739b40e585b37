#pragma once

#include <utility>
#include <vector>

#include "merge/node_labels.hpp"

namespace braid {

/// Pairs up places of two sequences of nodes, in order, so that paired nodes have equal labels and
/// as many as possible are paired; pairs with the same weights count double. A longest common
/// subsequence by dynamic programming: time and memory are the product of the lengths behind a
/// common start. Sequences too long for that (about 16,000 nodes each) have no pairs.
std::vector<std::pair<std::size_t, std::size_t>> match_sequences(
    const std::vector<LabelledNode>& first, const std::vector<LabelledNode>& second);

}  // namespace braid
