#include "plan/find_views.hpp"

#include "ir/rewrite.hpp"

namespace braid {
namespace {

bool keeps_bytes(const Node& node) {
  for (const char* op : {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"}) {
    if (node.is(op)) return true;
  }
  return false;
}

bool has_fixed_dims(const Graph& graph, ValueId id) {
  return id != kAbsent && known_dims(graph, id) && graph.value(id).type.dtype != DType::String;
}

std::size_t bytes_of(const Graph& graph, ValueId id) {
  return Tensor::weightless(graph.value(id).type.dtype, *known_dims(graph, id)).bytes();
}

// The parts of a Split lie one after the other if nothing but ones stands before the axis.
void view_parts(const Graph& graph, const Node& node, std::vector<View>& views) {
  const auto dims = known_dims(graph, node.inputs[0]);
  auto axis = node.attributes.get_int("axis", 0);
  if (axis < 0) axis += static_cast<std::int64_t>(dims->size());
  for (std::int64_t i = 0; i < axis; ++i) {
    if ((*dims)[static_cast<std::size_t>(i)] != 1) return;
  }
  if (dtype_bits(graph.value(node.inputs[0]).type.dtype) < 8) return;
  std::size_t offset = 0;
  for (const ValueId id : node.outputs) {
    if (!has_fixed_dims(graph, id)) return;
  }
  for (const ValueId id : node.outputs) {
    views[static_cast<std::size_t>(id)] = {node.inputs[0], offset};
    offset += bytes_of(graph, id);
  }
}

}  // namespace

std::vector<View> find_views(const Graph& graph) {
  std::vector<View> views(graph.values.size());
  for (const Node& node : graph.nodes) {
    if (!has_fixed_dims(graph, node.input(0))) continue;
    if (keeps_bytes(node) && has_fixed_dims(graph, node.output(0))) {
      views[static_cast<std::size_t>(node.outputs[0])] = {node.inputs[0], 0};
    } else if (node.is("Split")) {
      view_parts(graph, node, views);
    }
  }
  return views;
}

}  // namespace braid
