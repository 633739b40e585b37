#pragma once

#include <optional>

#include "braid/graph.hpp"
#include "plan/fuse/strided_view.hpp"

namespace braid {

/// What `node` makes of its first input, seen as `view`, as its output number `output`: for
/// Transpose, Reshape and its kin, Expand, Split, Slice and Gather of one index or a run of them.
/// Nothing for other nodes, and where no view can tell. All dims are known, and none is 0.
std::optional<StridedView> view_through(const Graph& graph, const Node& node, std::size_t output,
                                        const StridedView& view);

/// Whether the node only transposes or reshapes its first input: then the view of that can be told
/// from the view of its output.
bool is_invertible_view(const Node& node);

/// The first input of such a node, as part of the tensor in which its output is `view`.
std::optional<StridedView> view_before(const Graph& graph, const Node& node,
                                       const StridedView& view);

}  // namespace braid
