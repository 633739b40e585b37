#include "backends/strided_source.hpp"

#include "backends/operands.hpp"
#include "plan/slice_region.hpp"

namespace braid {

std::optional<StridedSource> slice_source(const Operator& op) {
  const auto starts = constant_ints(op, 1, "starts");
  const auto ends = constant_ints(op, 2, "ends");
  const auto axes = constant_ints(op, 3, "axes");
  const auto steps = constant_ints(op, 4, "steps");
  const bool is_known = starts && ends && (axes || !op.has_input(3)) && (steps || !op.has_input(4));
  if (!is_known) return std::nullopt;
  const auto region = slice_region(op.inputs[0].dims, {*starts, *ends, axes, steps});
  if (!region) return std::nullopt;
  StridedSource source{{}, strides_of(op.inputs[0].dims), 0};
  for (std::size_t d = 0; d < source.strides.size(); ++d) {
    const SliceAxis& axis = (*region)[d];
    source.first += axis.first * source.strides[d];
    source.strides[d] *= axis.step;
    source.dims.push_back(axis.size);
  }
  return source.dims == op.outputs[0].dims ? std::optional(source) : std::nullopt;
}

// As if each axis had one of repetitions before it, along which the source stands still.
std::optional<StridedSource> tile_source(const Operator& op) {
  const std::vector<std::int64_t>& from = op.inputs[0].dims;
  const std::vector<std::int64_t>& to = op.outputs[0].dims;
  if (from.size() != to.size()) return std::nullopt;
  if (product(to) == 0) return StridedSource{{0}, {1}, 0};
  const std::vector<std::int64_t> contiguous = strides_of(from);
  StridedSource source;
  for (std::size_t d = 0; d < to.size(); ++d) {
    if (from[d] == 0 || to[d] % from[d] != 0) return std::nullopt;
    source.dims.insert(source.dims.end(), {to[d] / from[d], from[d]});
    source.strides.insert(source.strides.end(), {0, contiguous[d]});
  }
  return source;
}

std::optional<std::vector<std::int64_t>> broadcast_strides(const std::vector<std::int64_t>& dims,
                                                           const std::vector<std::int64_t>& to) {
  if (dims.size() > to.size()) return std::nullopt;
  std::vector<std::int64_t> strides(to.size(), 0);
  const std::size_t shift = to.size() - dims.size();
  std::int64_t stride = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    if (dims[i] != 1 && dims[i] != to[shift + i]) return std::nullopt;
    if (dims[i] != 1) strides[shift + i] = stride;
    stride *= dims[i];
  }
  return strides;
}

}  // namespace braid
