// Operators that work along some axes, which they read as a whole, and alike along all others.

#include <algorithm>

#include "ir/rewrite.hpp"
#include "plan/narrow/broadcast_region.hpp"
#include "plan/narrow/narrowing.hpp"

namespace braid {
namespace {

Region with_whole(Region region, const Dims& dims, std::size_t from, std::size_t to) {
  for (std::size_t axis = from; axis < to; ++axis)
    region[axis] = whole_axis(dims[axis]);
  return region;
}

// The axes of a reduction; nothing if it takes all of them or they are not known.
std::optional<std::vector<bool>> reduced_axes(const NarrowSite& site) {
  const auto rank = static_cast<std::int64_t>(site.inputs[0].size());
  const bool is_index = site.node.is("ArgMax") || site.node.is("ArgMin");
  std::optional<std::vector<std::int64_t>> axes = site.node.attributes.get_ints("axes");
  if (is_index) axes = {site.node.attributes.get_int("axis", 0)};
  if (site.has_input(1)) axes = constant_ints(site.graph, site.node.inputs[1]);
  if (!axes || axes->empty()) return std::nullopt;
  std::vector<bool> is_reduced(site.inputs[0].size(), false);
  for (const std::int64_t axis : *axes) {
    if (axis < -rank || axis >= rank) return std::nullopt;
    is_reduced[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  return is_reduced;
}

// Scale, bias, mean and variance, all by channel.
Narrowing by_channel(const NarrowSite& site, const Region& region) {
  Narrowing result{{region}, {region}, {}};
  for (std::size_t i = 1; i < site.inputs.size(); ++i)
    result.inputs.emplace_back(Region{region[1]});
  return result;
}

}  // namespace

// BatchNormalization and InstanceNormalization: they keep the axes behind the channels.
std::optional<Narrowing> narrow_batch_normalization(const NarrowSite& site) {
  if (!site.needs_first_only() || site.inputs[0].size() < 2) return std::nullopt;
  return by_channel(site, with_whole(*site.needed[0], site.inputs[0], 2, site.inputs[0].size()));
}

// Groups of which nothing is needed are dropped.
std::optional<Narrowing> narrow_group_normalization(const NarrowSite& site) {
  constexpr std::int64_t kScaleByChannel = 21;
  const std::int64_t groups = site.node.attributes.get_int("num_groups", 1);
  const Dims& dims = site.inputs[0];
  Region region = with_whole(*site.needed[0], dims, 2, dims.size());
  const Ranges needed = blocks_of(region[1], dims[1] / groups);
  region[1] = elements_of(needed, dims[1] / groups);
  Narrowing result = by_channel(site, region);
  if (site.opset < kScaleByChannel) {
    for (std::size_t i = 1; i < result.inputs.size(); ++i)
      result.inputs[i] = Region{needed};
  }
  result.respell = [count = count_of(needed)](Node& node, const AddInts& /*add_ints*/) {
    node.attributes.set("num_groups", count);
  };
  return result;
}

// LayerNormalization and RMSNormalization.
std::optional<Narrowing> narrow_layer_normalization(const NarrowSite& site) {
  const Dims& dims = site.inputs[0];
  const auto axis = site.axis("axis", -1, dims.size());
  if (!axis || !site.needs_first_only()) return std::nullopt;
  const Region region = with_whole(*site.needed[0], dims, *axis, dims.size());
  Narrowing result{{region}, {region}, {}};
  for (std::size_t i = 1; i < site.inputs.size(); ++i) {
    if (site.inputs[i].size() > dims.size()) return std::nullopt;
    result.inputs.emplace_back();
    if (site.has_input(i)) result.inputs[i] = broadcast_region(region, site.inputs[i]);
  }
  return result;
}

// Axes without padding; not where the input `axes` says which axes `pads` are of.
std::optional<Narrowing> narrow_pad(const NarrowSite& site) {
  const Dims& dims = site.inputs[0];
  const auto pads = constant_ints(site.graph, site.node.input(1));
  if (!pads || pads->size() != 2 * dims.size() || site.has_input(3)) return std::nullopt;
  Narrowing result{{*site.needed[0]}, {*site.needed[0]}, {}};
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    if ((*pads)[axis] == 0 && (*pads)[axis + dims.size()] == 0) continue;
    (*result.inputs[0])[axis] = whole_axis(dims[axis]);
    (*result.outputs[0])[axis] = whole_axis(site.outputs[0][axis]);
  }
  for (std::size_t i = 1; i < site.inputs.size(); ++i) {
    result.inputs.emplace_back();
    if (site.has_input(i)) result.inputs[i] = whole_region(site.inputs[i]);
  }
  return result;
}

// Pooling: what lies behind batch and channels is read and made as a whole.
std::optional<Narrowing> narrow_planes(const NarrowSite& site) {
  if (!site.needs_first_only() || site.inputs[0].size() < 3) return std::nullopt;
  const std::size_t rank = site.inputs[0].size();
  return Narrowing{{with_whole(*site.needed[0], site.inputs[0], 2, rank)},
                   {with_whole(*site.needed[0], site.outputs[0], 2, rank)},
                   {}};
}

std::optional<Narrowing> narrow_reduce(const NarrowSite& site) {
  const auto is_reduced = reduced_axes(site);
  if (!is_reduced) return std::nullopt;
  const bool keeps_dims = site.node.attributes.get_int("keepdims", 1) != 0;
  const Region& needed = *site.needed[0];
  Region region;
  std::size_t next = 0;
  for (std::size_t axis = 0; axis < is_reduced->size(); ++axis) {
    const bool is_whole = (*is_reduced)[axis];
    region.push_back(is_whole ? whole_axis(site.inputs[0][axis]) : needed[next]);
    if (!is_whole || keeps_dims) ++next;
  }
  Narrowing result{{std::move(region)}, {needed}, {}};
  if (site.inputs.size() > 1) result.inputs.emplace_back();
  if (site.has_input(1)) result.inputs[1] = whole_region(site.inputs[1]);
  return result;
}

// Softmax, LogSoftmax and Hardmax: from opset 13 on along one axis, before along all from one on.
std::optional<Narrowing> narrow_softmax(const NarrowSite& site) {
  constexpr std::int64_t kAlongOneAxis = 13;
  const Dims& dims = site.inputs[0];
  const bool is_one = site.opset >= kAlongOneAxis;
  const auto axis = site.axis("axis", is_one ? -1 : 1, dims.size());
  if (!axis) return std::nullopt;
  const std::size_t end = is_one ? *axis + 1 : dims.size();
  const Region region = with_whole(*site.needed[0], dims, *axis, end);
  return Narrowing{{region}, {region}, {}};
}

}  // namespace braid
