// Operators that move elements. They follow each needed element to where it comes from.

#include <algorithm>

#include "ir/rewrite.hpp"
#include "plan/narrow/narrowing.hpp"
#include "plan/slice_region.hpp"

namespace braid {
namespace {

void become_identity(Node& node, ValueId input) {
  node.op_type = "Identity";
  node.inputs = {input};
  node.attributes = {};
}

// x, y, z -> Concat   =>   y -> Identity, where only y is needed
std::function<void(Node&, const AddInts&)> keep_inputs(std::vector<bool> is_needed) {
  return [is_needed = std::move(is_needed)](Node& node, const AddInts& /*add_ints*/) {
    std::vector<ValueId> kept;
    for (std::size_t i = 0; i < is_needed.size(); ++i) {
      if (is_needed[i]) kept.push_back(node.inputs[i]);
    }
    if (kept.size() == 1) {
      become_identity(node, kept[0]);
    } else {
      node.inputs = std::move(kept);
    }
  };
}

constexpr std::int64_t kSplitHasInput = 13;

void respell_split(Node& node, const Dims& sizes, std::int64_t opset, const AddInts& add_ints) {
  std::erase(node.outputs, kAbsent);
  if (node.outputs.size() == 1) {
    become_identity(node, node.inputs[0]);
    return;
  }
  node.attributes.erase("num_outputs");
  node.inputs.resize(1);
  if (opset >= kSplitHasInput) {
    node.inputs.push_back(add_ints(sizes, {static_cast<std::int64_t>(sizes.size())}));
  } else {
    node.attributes.set("split", sizes);
  }
}

// The constant indices of a Gather that are needed, from the front of an axis of `size`; nothing if
// one is out of range.
std::optional<std::vector<std::int64_t>> needed_indices(const std::vector<std::int64_t>& indices,
                                                        const Dims& dims, const Region& needed,
                                                        std::int64_t size) {
  std::vector<std::int64_t> offsets = {0};
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    std::vector<std::int64_t> next;
    for (const std::int64_t offset : offsets) {
      for (const std::int64_t index : indices_of(needed[axis]))
        next.push_back(offset * dims[axis] + index);
    }
    offsets = std::move(next);
  }
  std::vector<std::int64_t> result;
  for (const std::int64_t offset : offsets) {
    const std::int64_t index = indices[static_cast<std::size_t>(offset)];
    if (index < -size || index >= size) return std::nullopt;
    result.push_back(index < 0 ? index + size : index);
  }
  return result;
}

Narrowing gather_constants(Region data, std::size_t axis, const std::vector<std::int64_t>& indices,
                           const Region& positions, const Region& needed) {
  data[axis] = ranges_of(indices);
  std::vector<std::int64_t> places;
  for (const std::int64_t index : indices)
    places.push_back(places_in(data[axis], {{index, index + 1}})[0].begin);
  return {{std::move(data), std::nullopt},
          {needed},
          [places = std::move(places), dims = dims_of(positions)](
              Node& node, const AddInts& add_ints) { node.inputs[1] = add_ints(places, dims); }};
}

}  // namespace

std::optional<Narrowing> narrow_concat(const NarrowSite& site) {
  const auto axis = site.axis("axis", 1, site.outputs[0].size());
  if (!axis) return std::nullopt;
  Narrowing result;
  std::vector<bool> is_needed;
  std::int64_t start = 0;
  for (const Dims& dims : site.inputs) {
    Region region = *site.needed[0];
    region[*axis] = clip(region[*axis], start, start + dims[*axis]);
    start += dims[*axis];
    is_needed.push_back(!region[*axis].empty());
    result.inputs.emplace_back();
    if (is_needed.back()) result.inputs.back() = std::move(region);
  }
  result.outputs = {*site.needed[0]};
  result.respell = keep_inputs(std::move(is_needed));
  return result;
}

std::optional<Narrowing> narrow_split(const NarrowSite& site) {
  const auto axis = site.axis("axis", 0, site.inputs[0].size());
  if (!axis) return std::nullopt;
  std::optional<Region> all;
  std::vector<std::optional<Ranges>> own;
  std::int64_t start = 0;
  Dims sizes;
  for (std::size_t o = 0; o < site.outputs.size(); ++o) {
    if (site.node.outputs[o] == kAbsent) return std::nullopt;  // its size is not known
    own.emplace_back();
    if (site.needed[o]) {
      Region region = *site.needed[o];
      own[o] = region[*axis];
      sizes.push_back(count_of(*own[o]));
      region[*axis] = shift(region[*axis], start);
      all = all ? unite(*all, region) : region;
    }
    start += site.outputs[o][*axis];
  }
  if (!all || start != site.inputs[0][*axis]) return std::nullopt;
  Narrowing result{{all}, {}, {}};
  if (site.inputs.size() > 1) result.inputs.emplace_back();
  for (const auto& ranges : own) {
    result.outputs.emplace_back();
    if (!ranges) continue;
    result.outputs.back() = *all;
    (*result.outputs.back())[*axis] = *ranges;
  }
  result.respell = [sizes, opset = site.opset](Node& node, const AddInts& add_ints) {
    respell_split(node, sizes, opset, add_ints);
  };
  return result;
}

std::optional<Narrowing> narrow_slice(const NarrowSite& site) {
  const auto operands = constant_slice(site.graph, site.node);
  const auto slice = operands ? slice_region(site.inputs[0], *operands) : std::nullopt;
  if (!slice) return std::nullopt;
  const Region& needed = *site.needed[0];
  Region region;
  for (std::size_t axis = 0; axis < slice->size(); ++axis) {
    const SliceAxis& cut = (*slice)[axis];
    if (cut.step < 1 || cut.size != site.outputs[0][axis]) return std::nullopt;
    std::vector<std::int64_t> indices = indices_of(needed[axis]);
    for (std::int64_t& index : indices)
      index = cut.first + cut.step * index;
    region.push_back(ranges_of(indices));
  }
  Narrowing result{{region}, {needed}, {}};
  result.inputs.resize(site.inputs.size());
  result.respell = [](Node& node, const AddInts& /*add_ints*/) {
    become_identity(node, node.inputs[0]);
  };
  return result;
}

std::optional<Narrowing> narrow_gather(const NarrowSite& site) {
  const Dims& data = site.inputs[0];
  const Dims& indices = site.inputs[1];
  const auto axis = site.axis("axis", 0, data.size());
  if (!axis) return std::nullopt;
  const Region& needed = *site.needed[0];
  const auto place = static_cast<std::ptrdiff_t>(*axis);
  const auto behind = place + static_cast<std::ptrdiff_t>(indices.size());
  const Region positions(needed.begin() + place, needed.begin() + behind);
  Region region(needed.begin(), needed.begin() + place);
  region.push_back(whole_axis(data[*axis]));
  region.insert(region.end(), needed.begin() + behind, needed.end());
  if (const auto known = constant_ints(site.graph, site.node.inputs[1])) {
    const auto chosen = needed_indices(*known, indices, positions, data[*axis]);
    const bool is_wide = site.graph.value(site.node.inputs[1]).type.dtype == DType::Int64;
    if (chosen && is_wide)
      return gather_constants(std::move(region), *axis, *chosen, positions, needed);
  }
  return Narrowing{{region, positions}, {needed}, {}};
}

// data [B..., D..., R...], indices [B..., I..., len(D)] -> [B..., I..., R...]
std::optional<Narrowing> narrow_gather_nd(const NarrowSite& site) {
  const Dims& data = site.inputs[0];
  const Dims& indices = site.inputs[1];
  const auto batch = static_cast<std::size_t>(site.node.attributes.get_int("batch_dims", 0));
  const auto depth = static_cast<std::size_t>(indices.back());
  if (batch + depth > data.size() || batch >= indices.size()) return std::nullopt;
  const Region& needed = *site.needed[0];
  Region own = whole_region(data);
  Region positions = whole_region(indices);
  std::copy_n(needed.begin(), batch, own.begin());
  std::copy_n(needed.begin(), indices.size() - 1, positions.begin());
  const std::size_t rest = data.size() - batch - depth;
  std::copy_n(needed.end() - static_cast<std::ptrdiff_t>(rest), rest,
              own.end() - static_cast<std::ptrdiff_t>(rest));
  return Narrowing{{own, positions}, {needed}, {}};
}

// Reshape, Squeeze, Unsqueeze and Flatten, all as a Reshape to the dims that are left. One to dims
// that do not fit stays, for its kernel to refuse.
std::optional<Narrowing> narrow_reshape(const NarrowSite& site) {
  if (element_count(site.inputs[0]) != element_count(site.outputs[0])) return std::nullopt;
  ReshapedRegion region = reshape_region(site.inputs[0], site.outputs[0], *site.needed[0]);
  Narrowing result{{std::move(region.from)}, {std::move(region.to)}, {}};
  result.inputs.resize(site.inputs.size());
  result.respell = [dims = dims_of(*result.outputs[0])](Node& node, const AddInts& add_ints) {
    node.op_type = "Reshape";
    node.attributes = {};
    node.inputs = {node.inputs[0], add_ints(dims, {static_cast<std::int64_t>(dims.size())})};
  };
  return result;
}

std::optional<Narrowing> narrow_transpose(const NarrowSite& site) {
  const Region& needed = *site.needed[0];
  std::vector<std::int64_t> reversed;
  for (std::size_t axis = needed.size(); axis-- > 0;)
    reversed.push_back(static_cast<std::int64_t>(axis));
  const std::vector<std::int64_t> perm = site.node.attributes.get_ints("perm", reversed);
  Region region(needed.size());
  for (std::size_t axis = 0; axis < needed.size(); ++axis)
    region[static_cast<std::size_t>(perm[axis])] = needed[axis];
  return Narrowing{{region}, {needed}, {}};
}

}  // namespace braid
