#include "plan/find_views.hpp"

#include <algorithm>

#include "ir/rewrite.hpp"
#include "plan/slice_region.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

bool is_one_of(const Node& node, std::initializer_list<const char*> ops) {
  return std::any_of(ops.begin(), ops.end(), [&](const char* op) { return node.is(op); });
}

bool has_fixed_dims(const Graph& graph, ValueId id) {
  if (id == kAbsent || !known_dims(graph, id)) return false;
  const DType dtype = graph.value(id).type.dtype;
  return dtype != DType::String && dtype != DType::Undefined;
}

bool has_whole_bytes(const Graph& graph, ValueId id) {
  return dtype_bits(graph.value(id).type.dtype) >= 8;
}

std::size_t bytes_of(const Graph& graph, ValueId id) {
  return Tensor::weightless(graph.value(id).type.dtype, *known_dims(graph, id)).bytes();
}

std::optional<std::size_t> axis_of(const Node& node, std::int64_t fallback, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  const std::int64_t axis = node.attributes.get_int("axis", fallback);
  if (axis < -signed_rank || axis >= signed_rank) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

// What lies behind each other along the axis lies so in memory.
bool is_outermost(const Dims& dims, std::size_t axis) {
  return std::all_of(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(axis),
                     [](std::int64_t dim) { return dim == 1; });
}

// A Transpose that moves only axes of one element.
bool keeps_order(const Graph& graph, const Node& node) {
  const Dims dims = *known_dims(graph, node.inputs[0]);
  std::int64_t last = -1;  // of the longer axes
  if (!node.attributes.has("perm")) {
    return std::count_if(dims.begin(), dims.end(), [](std::int64_t dim) { return dim != 1; }) <= 1;
  }
  for (const std::int64_t axis : node.attributes.get_ints("perm")) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(dims.size())) return false;
    if (dims[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

// A step of 1 and one block: of the axes that are cut, all but the last have one element left.
std::optional<std::size_t> slice_offset(const Graph& graph, const Node& node) {
  const auto operands = constant_slice(graph, node);
  if (!operands || !has_whole_bytes(graph, node.inputs[0])) return std::nullopt;
  const Dims dims = *known_dims(graph, node.inputs[0]);
  const auto region = slice_region(dims, *operands);
  if (!region) return std::nullopt;
  Dims sizes;
  bool is_cut = false;  // behind this axis
  std::int64_t first = 0;
  std::int64_t stride = 1;
  for (std::size_t d = dims.size(); d-- > 0;) {
    const SliceAxis& axis = (*region)[d];
    if (axis.size == 0) return std::nullopt;
    if (axis.size > 1 && (axis.step != 1 || is_cut)) return std::nullopt;
    if (axis.size != dims[d]) is_cut = true;
    first += axis.first * stride;
    stride *= dims[d];
    sizes.insert(sizes.begin(), axis.size);
  }
  if (sizes != *known_dims(graph, node.outputs[0])) return std::nullopt;
  return dtype_bytes(graph.value(node.inputs[0]).type.dtype, first);
}

// One index along the outermost axis.
std::optional<std::size_t> gather_offset(const Graph& graph, const Node& node) {
  const Dims dims = *known_dims(graph, node.inputs[0]);
  const auto axis = axis_of(node, 0, dims.size());
  const auto indices = constant_ints(graph, node.input(1));
  if (!axis || !indices || indices->size() != 1 || !is_outermost(dims, *axis)) return std::nullopt;
  const std::int64_t dim = dims[*axis];
  const std::int64_t index = (*indices)[0];
  if (index < -dim || index >= dim || !has_whole_bytes(graph, node.inputs[0])) return std::nullopt;
  return static_cast<std::size_t>(index < 0 ? index + dim : index) *
         bytes_of(graph, node.outputs[0]);
}

// Where the one output starts in the input, if it is a view of it.
std::optional<std::size_t> view_offset(const Graph& graph, const Node& node) {
  const ValueId from = node.inputs[0];
  const ValueId to = node.outputs[0];
  if (node.is("Slice")) return slice_offset(graph, node);
  if (node.is("Gather")) return gather_offset(graph, node);
  const bool keeps_bytes = is_one_of(node, {"Reshape", "Squeeze", "Unsqueeze", "Flatten",
                                            "Identity", "Expand", "Tile"}) ||
                           (node.is("Transpose") && keeps_order(graph, node));
  // A Reshape to dims that do not fit is inferred like any other; its kernel refuses it.
  return keeps_bytes && bytes_of(graph, from) == bytes_of(graph, to) ? std::optional<std::size_t>(0)
                                                                     : std::nullopt;
}

void view_parts(const Graph& graph, const Node& node, std::vector<View>& views) {
  const Dims dims = *known_dims(graph, node.inputs[0]);
  const auto axis = axis_of(node, 0, dims.size());
  if (!axis || !is_outermost(dims, *axis) || !has_whole_bytes(graph, node.inputs[0])) return;
  for (const ValueId id : node.outputs) {
    if (!has_fixed_dims(graph, id)) return;
  }
  std::size_t offset = 0;
  for (const ValueId id : node.outputs) {
    views[static_cast<std::size_t>(id)] = {node.inputs[0], offset};
    offset += bytes_of(graph, id);
  }
}

/// The start of each input of a Concat in its output; empty if they do not lie there in one piece.
std::vector<std::size_t> concat_offsets(const Graph& graph, const Node& node) {
  if (!node.is("Concat") || !has_fixed_dims(graph, node.output(0))) return {};
  const Dims dims = *known_dims(graph, node.outputs[0]);
  const auto axis = axis_of(node, 1, dims.size());
  if (!axis || !is_outermost(dims, *axis) || !has_whole_bytes(graph, node.outputs[0])) return {};
  std::vector<std::size_t> offsets;
  std::size_t offset = 0;
  for (const ValueId id : node.inputs) {
    if (!has_fixed_dims(graph, id)) return {};
    offsets.push_back(offset);
    offset += bytes_of(graph, id);
  }
  return offset == bytes_of(graph, node.outputs[0]) ? offsets : std::vector<std::size_t>{};
}

// Values that some kernel computes into memory which nobody else prescribes.
std::vector<bool> find_placeable(const Graph& graph, const std::vector<View>& views) {
  std::vector<bool> result(graph.values.size(), false);
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id == kAbsent || node.is("Constant")) continue;
      result[static_cast<std::size_t>(id)] = views[static_cast<std::size_t>(id)].base == kAbsent;
    }
  }
  for (const ValueId id : graph.outputs)
    result[static_cast<std::size_t>(id)] = false;
  return result;
}

void place_in_concats(const Graph& graph, std::vector<View>& views) {
  std::vector<bool> is_placeable = find_placeable(graph, views);
  for (const Node& node : graph.nodes) {
    const std::vector<std::size_t> offsets = concat_offsets(graph, node);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const auto v = static_cast<std::size_t>(node.inputs[i]);
      if (!is_placeable[v]) continue;
      views[v] = {node.outputs[0], offsets[i], true};
      is_placeable[v] = false;
    }
  }
}

}  // namespace

std::vector<View> find_views(const Graph& graph) {
  std::vector<View> views(graph.values.size());
  for (const Node& node : graph.nodes) {
    if (!has_fixed_dims(graph, node.input(0))) continue;
    if (node.is("Split")) {
      view_parts(graph, node, views);
    } else if (has_fixed_dims(graph, node.output(0))) {
      if (const auto offset = view_offset(graph, node)) {
        views[static_cast<std::size_t>(node.outputs[0])] = {node.inputs[0], *offset};
      }
    }
  }
  place_in_concats(graph, views);
  return views;
}

View resolve_view(const std::vector<View>& views, ValueId id) {
  View result{id, 0};
  while (views[static_cast<std::size_t>(result.base)].base != kAbsent) {
    const View& next = views[static_cast<std::size_t>(result.base)];
    result = {next.base, result.offset + next.offset};
  }
  return result;
}

std::vector<bool> find_in_place(const Graph& graph, const std::vector<View>& views,
                                const Node& node) {
  const std::vector<std::size_t> offsets = concat_offsets(graph, node);
  std::vector<bool> result(node.inputs.size(), false);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const View& view = views[static_cast<std::size_t>(node.inputs[i])];
    result[i] = view.is_placed && view.base == node.outputs[0] && view.offset == offsets[i];
  }
  return result;
}

}  // namespace braid
