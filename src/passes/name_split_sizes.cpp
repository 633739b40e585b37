// Split {num_outputs: 3}(x[b,96]) along 1   =>   Split(x, [32,32,32])
// Split(x[b,96]) into three along 1         =>   Split(x, [32,32,32])
//
// Some exporters give sizes and others only a number. Does not fire where the size of the axis is
// not known.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

// All of one size but the last one, which may be smaller.
std::optional<std::vector<std::int64_t>> sizes_of(const Graph& graph, const Node& node) {
  const Shape* shape = shape_of(graph, node.input(0));
  if (shape == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(shape->size());
  const std::int64_t axis = node.attributes.get_int("axis", 0);
  const std::int64_t place = axis < 0 ? axis + rank : axis;
  if (place < 0 || place >= rank) return std::nullopt;
  const Dim& dim = (*shape)[static_cast<std::size_t>(place)];
  const auto count = static_cast<std::int64_t>(node.outputs.size());
  if (!dim.is_known() || node.attributes.get_int("num_outputs", count) != count)
    return std::nullopt;
  const std::int64_t size = (dim.size + count - 1) / count;
  const std::int64_t last = dim.size - size * (count - 1);
  if (last < 0) return std::nullopt;
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(count), size);
  sizes.back() = last;
  return sizes;
}

}  // namespace

bool name_split_sizes(Model& model) {
  Graph& graph = model.graph;
  const bool is_input = model.opset() >= 13;
  NameSource names(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Split") || node.input(1) != kAbsent || node.attributes.has("split")) continue;
    const auto sizes = sizes_of(graph, node);
    if (!sizes) continue;
    if (is_input) {
      const auto count = static_cast<std::int64_t>(sizes->size());
      node.inputs.resize(1);
      node.inputs.push_back(
          graph.add_constant(names.unique("sizes"), Tensor::of<std::int64_t>({count}, *sizes)));
    } else {
      node.attributes.set("split", *sizes);
    }
    node.attributes.erase("num_outputs");
    has_changed = true;
  }
  return has_changed;
}

}  // namespace braid
