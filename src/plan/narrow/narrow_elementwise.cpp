// Operators that compute each element of the output from the elements of the inputs at its place,
// with broadcasting: of each input what is needed of the output, and all of what is broadcast.

#include <algorithm>

#include "plan/narrow/broadcast_region.hpp"
#include "plan/narrow/narrowing.hpp"

namespace braid {

Region broadcast_region(const Region& needed, const Dims& dims) {
  Region region;
  const std::size_t missing = needed.size() - dims.size();
  for (std::size_t axis = 0; axis < dims.size(); ++axis)
    region.push_back(dims[axis] == 1 ? whole_axis(1) : needed[missing + axis]);
  return region;
}

std::optional<Narrowing> narrow_elementwise(const NarrowSite& site) {
  if (!site.needs_first_only()) return std::nullopt;
  const Region& needed = *site.needed[0];
  Narrowing result;
  for (std::size_t i = 0; i < site.inputs.size(); ++i) {
    if (site.inputs[i].size() > needed.size()) return std::nullopt;
    result.inputs.emplace_back();
    if (site.has_input(i)) result.inputs[i] = broadcast_region(needed, site.inputs[i]);
  }
  result.outputs = {needed};
  return result;
}

// Expand, and Tile where it does the same: each axis is repeated as a whole, or of size 1.
std::optional<Narrowing> narrow_expand(const NarrowSite& site) {
  constexpr std::int64_t kExpandSince = 8;
  const Dims& from = site.inputs[0];
  const Dims& to = site.outputs[0];
  if (site.opset < kExpandSince || from.size() > to.size()) return std::nullopt;
  const auto missing = static_cast<std::ptrdiff_t>(to.size() - from.size());
  const bool is_broadcast =
      std::equal(from.begin(), from.end(), to.begin() + missing,
                 [](std::int64_t a, std::int64_t b) { return a == 1 || a == b; });
  if (!is_broadcast) return std::nullopt;
  const Region& needed = *site.needed[0];
  return Narrowing{{broadcast_region(needed, from), std::nullopt},
                   {needed},
                   [dims = dims_of(needed)](Node& node, const AddInts& add_ints) {
                     node.op_type = "Expand";
                     node.inputs[1] = add_ints(dims, {static_cast<std::int64_t>(dims.size())});
                   }};
}

// QuantizeLinear and DequantizeLinear with one scale, or one along an axis; not in blocks.
std::optional<Narrowing> narrow_quantize_linear(const NarrowSite& site) {
  const Region& needed = *site.needed[0];
  const auto axis = site.axis("axis", 1, needed.size());
  if (site.node.attributes.get_int("block_size", 0) != 0) return std::nullopt;
  Narrowing result{{needed}, {needed}, {}};
  for (std::size_t i = 1; i < site.inputs.size(); ++i) {
    result.inputs.emplace_back();
    if (!site.has_input(i)) continue;
    const Dims& dims = site.inputs[i];
    if (dims.size() > 1 || (dims.size() == 1 && dims[0] != 1 && !axis)) return std::nullopt;
    const bool is_along = dims.size() == 1 && dims[0] != 1;
    result.inputs[i] = is_along ? Region{needed[*axis]} : whole_region(dims);
  }
  return result;
}

}  // namespace braid
