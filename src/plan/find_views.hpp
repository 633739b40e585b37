#pragma once

#include <cstddef>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// A value whose bytes are a piece of those of another.
struct View {
  ValueId base = kAbsent;  ///< kAbsent: it has bytes of its own
  std::size_t offset = 0;  ///< bytes from the start of the base
};

/// By value. A Reshape and its kin view what they read; a Split or Slice that takes whole blocks
/// views these.
std::vector<View> find_views(const Graph& graph);

}  // namespace braid
