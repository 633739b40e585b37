// Slice(x[b,8], 2, 9223372036854775807, axis 1)   =>   Slice(x, 2, 8, axis 1)
// Slice(x[b,8], -3, -1, axis 1)                   =>   Slice(x, 5, 7, axis 1)
//
// Exporters spell the same bounds in several ways. Does not fire along axes of unknown size, on
// other steps than 1, nor before opset 10 (bounds were attributes).

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

class SliceClamper {
 public:
  explicit SliceClamper(Graph& graph) : graph_(graph), names_(graph) {}

  bool clamp(Node& node) {
    const auto sizes = sliced_sizes(node);
    if (!sizes) return false;
    const bool has_clamped = clamp_input(node, 1, *sizes);
    return clamp_input(node, 2, *sizes) || has_clamped;
  }

 private:
  // Of the axes that are sliced.
  std::optional<Ints> sliced_sizes(const Node& node) const {
    const Shape* shape = shape_of(graph_, node.input(0));
    const auto starts = constant_ints(graph_, node.input(1));
    if (shape == nullptr || !starts) return std::nullopt;
    Ints axes(starts->size());
    for (std::size_t i = 0; i < axes.size(); ++i)
      axes[i] = static_cast<std::int64_t>(i);
    const auto given = constant_ints(graph_, node.input(3));
    if (node.input(3) != kAbsent && !given) return std::nullopt;
    if (node.input(4) != kAbsent &&
        constant_ints(graph_, node.inputs[4]) != Ints(starts->size(), 1)) {
      return std::nullopt;
    }
    Ints sizes;
    for (std::int64_t axis : given.value_or(axes)) {
      if (axis < 0) axis += static_cast<std::int64_t>(shape->size());
      if (axis < 0 || axis >= static_cast<std::int64_t>(shape->size())) return std::nullopt;
      const Dim& dim = (*shape)[static_cast<std::size_t>(axis)];
      if (!dim.is_known()) return std::nullopt;
      sizes.push_back(dim.size);
    }
    return sizes;
  }

  bool clamp_input(Node& node, std::size_t slot, const Ints& sizes) {
    auto bounds = constant_ints(graph_, node.inputs[slot]);
    if (!bounds || bounds->size() != sizes.size()) return false;
    const Ints given = *bounds;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      (*bounds)[i] = bounded_place((*bounds)[i], sizes[i]);
    }
    if (*bounds == given) return false;
    const auto count = static_cast<std::int64_t>(sizes.size());
    Tensor tensor = Tensor::of<std::int64_t>({count}, *bounds);
    if (graph_.value(node.inputs[slot]).constant.dtype() == DType::Int32)
      tensor = Tensor::of<std::int32_t>({count}, {bounds->begin(), bounds->end()});
    node.inputs[slot] = graph_.add_constant(names_.unique("bounds"), std::move(tensor));
    return true;
  }

  Graph& graph_;
  NameSource names_;
};

}  // namespace

bool clamp_slices(Model& model) {
  if (model.opset() < 10) return false;
  SliceClamper clamper(model.graph);
  bool has_changed = false;
  for (Node& node : model.graph.nodes) {
    if (node.is("Slice")) has_changed |= clamper.clamp(node);
  }
  if (has_changed) remove_dead(model.graph);
  return has_changed;
}

}  // namespace braid
