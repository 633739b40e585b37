#include "plan/slice_region.hpp"

#include <algorithm>

#include "ir/rewrite.hpp"

namespace braid {
namespace {

// Of an axis that has elements. A step beyond the axis takes one element, as its size does.
SliceAxis slice_axis(std::int64_t dim, std::int64_t start, std::int64_t end, std::int64_t step) {
  step = std::clamp(step, -dim, dim);
  const auto place = [&](std::int64_t index) {
    // Clamped first: from the ends of int64 there is nothing to add to.
    index = std::clamp(index, -dim - 1, dim + 1);
    if (index < 0) index += dim;
    return step > 0 ? std::clamp<std::int64_t>(index, 0, dim)
                    : std::clamp<std::int64_t>(index, -1, dim - 1);
  };
  const std::int64_t first = std::max<std::int64_t>(place(start), 0);
  const std::int64_t span = step > 0 ? place(end) - first : first - place(end);
  const std::int64_t stride = step > 0 ? step : -step;
  return {first, step, std::max<std::int64_t>(0, (span + stride - 1) / stride)};
}

}  // namespace

std::optional<SliceOperands> constant_slice(const Graph& graph, const Node& node) {
  const auto operand = [&](std::size_t input,
                           const char* name) -> std::optional<std::vector<std::int64_t>> {
    if (node.input(input) != kAbsent) return constant_ints(graph, node.input(input));
    if (!node.attributes.has(name)) return std::nullopt;
    return node.attributes.get_ints(name);
  };
  const auto starts = operand(1, "starts");
  const auto ends = operand(2, "ends");
  auto axes = operand(3, "axes");
  auto steps = operand(4, "steps");
  const bool is_known =
      starts && ends && (axes || node.input(3) == kAbsent) && (steps || node.input(4) == kAbsent);
  if (!is_known) return std::nullopt;
  return SliceOperands{*starts, *ends, std::move(axes), std::move(steps)};
}

std::optional<std::vector<SliceAxis>> slice_region(const std::vector<std::int64_t>& dims,
                                                   const SliceOperands& operands) {
  const auto rank = static_cast<std::int64_t>(dims.size());
  const std::size_t count = operands.starts.size();
  if (operands.ends.size() != count || (operands.axes && operands.axes->size() != count) ||
      (operands.steps && operands.steps->size() != count)) {
    return std::nullopt;
  }
  std::vector<SliceAxis> region;
  for (const std::int64_t dim : dims)
    region.push_back({0, 1, dim});
  std::vector<bool> is_taken(dims.size(), false);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t axis = operands.axes ? (*operands.axes)[i] : static_cast<std::int64_t>(i);
    if (axis < -rank || axis >= rank) return std::nullopt;
    if (axis < 0) axis += rank;
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t step = operands.steps ? (*operands.steps)[i] : 1;
    if (is_taken[a] || step == 0) return std::nullopt;
    is_taken[a] = true;
    if (dims[a] > 0) region[a] = slice_axis(dims[a], operands.starts[i], operands.ends[i], step);
  }
  return region;
}

}  // namespace braid
