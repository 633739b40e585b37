#include "plan/fuse/view_through.hpp"

#include <algorithm>
#include <numeric>

#include "ir/rewrite.hpp"

namespace braid {
namespace {

using Dims = StridedView::Dims;

std::optional<std::size_t> axis_of(const Node& node, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  const std::int64_t axis = node.attributes.get_int("axis", 0);
  if (axis < -signed_rank || axis >= signed_rank) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

// Nothing if it is none, which inference may let pass.
std::optional<Dims> perm_of(const Node& node, std::size_t rank) {
  Dims reversed(rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const Dims perm = node.attributes.get_ints("perm", reversed);
  if (!std::is_permutation(perm.begin(), perm.end(), reversed.begin(), reversed.end()))
    return std::nullopt;
  return perm;
}

std::optional<StridedView> transposed(const StridedView& view, const std::optional<Dims>& perm) {
  return perm ? std::optional(view.transposed(*perm)) : std::nullopt;
}

Dims inverse(const Dims& perm) {
  Dims result(perm.size());
  for (std::size_t i = 0; i < perm.size(); ++i)
    result[static_cast<std::size_t>(perm[i])] = static_cast<std::int64_t>(i);
  return result;
}

bool is_reshape(const Node& node) {
  return node.is("Reshape") || node.is("Squeeze") || node.is("Unsqueeze") || node.is("Flatten");
}

std::optional<StridedView> part_of(const Graph& graph, const Node& node, std::size_t output,
                                   const StridedView& view) {
  const auto axis = axis_of(node, view.rank());
  if (!axis) return std::nullopt;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < output; ++i)
    first += (*known_dims(graph, node.outputs[i]))[*axis];
  return view.sliced(*axis, {first, 1, (*known_dims(graph, node.outputs[output]))[*axis]});
}

std::optional<StridedView> slice_of(const Graph& graph, const Node& node, const StridedView& view) {
  const auto starts = constant_ints(graph, node.input(1));
  const auto ends = constant_ints(graph, node.input(2));
  const auto axes = constant_ints(graph, node.input(3));
  const auto steps = constant_ints(graph, node.input(4));
  const bool are_known =
      starts && ends && (axes || node.input(3) == kAbsent) && (steps || node.input(4) == kAbsent);
  if (!are_known) return std::nullopt;
  const auto region = slice_region(view.dims(), {*starts, *ends, axes, steps});
  if (!region) return std::nullopt;
  std::optional<StridedView> result = view;
  for (std::size_t i = 0; i < region->size() && result; ++i)
    result = result->sliced(i, (*region)[i]);
  return result;
}

// Of one index, or of some that follow each other.
std::optional<StridedView> run_of(const Graph& graph, const Node& node, const StridedView& view) {
  const auto axis = axis_of(node, view.rank());
  const auto indices = constant_ints(graph, node.input(1));
  if (!axis || !indices || indices->empty()) return std::nullopt;
  const std::int64_t size = view.dims()[*axis];
  const auto count = static_cast<std::int64_t>(indices->size());
  const std::int64_t first = indices->front() < 0 ? indices->front() + size : indices->front();
  if (first < 0 || first + count > size) return std::nullopt;
  for (std::int64_t i = 1; i < count; ++i) {
    if ((*indices)[static_cast<std::size_t>(i)] != indices->front() + i) return std::nullopt;
  }
  const auto part = view.sliced(*axis, {first, 1, count});
  return part ? part->reshaped(*known_dims(graph, node.outputs[0])) : std::nullopt;
}

}  // namespace

std::optional<StridedView> view_through(const Graph& graph, const Node& node, std::size_t output,
                                        const StridedView& view) {
  const Dims dims = *known_dims(graph, node.outputs[output]);
  std::optional<StridedView> result;
  if (node.is("Identity")) result = view;
  if (node.is("Transpose")) result = transposed(view, perm_of(node, view.rank()));
  if (is_reshape(node)) result = view.reshaped(dims);
  if (node.is("Expand")) result = view.expanded(dims);
  if (node.is("Split")) result = part_of(graph, node, output, view);
  if (node.is("Slice")) result = slice_of(graph, node, view);
  if (node.is("Gather")) result = run_of(graph, node, view);
  // Inference may be wrong: the node is left to fail alone.
  return result && result->dims() == dims ? result : std::nullopt;
}

bool is_invertible_view(const Node& node) {
  return node.is("Transpose") || is_reshape(node);
}

std::optional<StridedView> view_before(const Graph& graph, const Node& node,
                                       const StridedView& view) {
  const Dims dims = *known_dims(graph, node.inputs[0]);
  if (!node.is("Transpose")) return view.reshaped(dims);
  const auto perm = perm_of(node, view.rank());
  const auto result = perm ? transposed(view, inverse(*perm)) : std::nullopt;
  return result && result->dims() == dims ? result : std::nullopt;
}

}  // namespace braid
