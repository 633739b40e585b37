#include "backends/pads.hpp"

#include <numeric>

#include "backends/operands.hpp"

namespace braid {

std::optional<Pads> pads_of(const Operator& op) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const auto pads = constant_ints(op, 1, op.attributes.has("paddings") ? "paddings" : "pads");
  auto axes = constant_ints(op, 3, "axes");
  if (!pads || (!axes && op.has_input(3))) return std::nullopt;
  if (!axes) {
    axes.emplace(dims.size());
    std::iota(axes->begin(), axes->end(), std::int64_t{0});
  }
  if (pads->size() != 2 * axes->size()) return std::nullopt;
  Pads result{std::vector<std::int64_t>(dims.size(), 0), std::vector<std::int64_t>(dims.size(), 0)};
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const auto axis = axis_of((*axes)[i], dims.size());
    if (!axis) return std::nullopt;
    result.before[*axis] = (*pads)[i];
    result.after[*axis] = (*pads)[axes->size() + i];
  }
  std::vector<std::int64_t> padded = dims;
  for (std::size_t d = 0; d < dims.size(); ++d)
    padded[d] += result.before[d] + result.after[d];
  return padded == op.outputs[0].dims ? std::optional(result) : std::nullopt;
}

}  // namespace braid
