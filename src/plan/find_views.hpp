#pragma once

#include <cstddef>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// A value whose bytes are a piece of those of another.
struct View {
  ValueId base = kAbsent;  ///< kAbsent: it has bytes of its own
  std::size_t offset = 0;  ///< bytes from the start of the base

  /// Whatever computes the value writes it there: the base is made of it, by a Concat, or nobody
  /// needs the base any more.
  bool is_placed = false;
};

/// By value. A Reshape and its kin view what they read, as does what takes one block of it as it
/// is; and what a Concat reads is placed in its output where nothing else is in the way.
/// All these have known dims.
std::vector<View> find_views(const Graph& graph);

/// Where a value lies in the end: `base` is no view, and `offset` counts from its start.
View resolve_view(const std::vector<View>& views, ValueId id);

/// By input of a node: whether it lies where the node's output, that of a Concat, has it.
std::vector<bool> find_in_place(const Graph& graph, const std::vector<View>& views,
                                const Node& node);

}  // namespace braid
