// x[b,1,16] -> Squeeze {1} -> Unsqueeze {1} -> Unsqueeze {2} -> y[b,1,1,16]   =>   Unsqueeze {1}(x)
// Reshape(x[b,16]) -> y[b,1,16]                                               =>   Unsqueeze {1}(x)
// Reshape(x[b,16,1,64]) -> y[b,16,64]                                         =>   Squeeze {2}(x)
//
// Reshape, Squeeze, Unsqueeze, Flatten, and Transpose of axes of size 1 in a row are one of them,
// and where axes of size 1 come or go there is one spelling. Values between stay if others read
// them. Does not fire when the flattening to [b,n] is left to Flatten, nor when more than one dim
// of y is not known.

#include <algorithm>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"
#include "passes/reshape_target.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

bool is_view(const Node& node) {
  return node.is("Reshape") || node.is("Squeeze") || node.is("Unsqueeze") || node.is("Flatten");
}

// Whether all that changes is where the axes of size 1 are.
bool moves_units(const Graph& graph, const Node& node) {
  const Shape* shape = shape_of(graph, node.input(0));
  if (!node.is("Transpose") || shape == nullptr) return false;
  std::int64_t last = -1;
  for (const std::int64_t axis : node.attributes.get_ints("perm")) {
    if ((*shape)[static_cast<std::size_t>(axis)].size == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return node.attributes.has("perm");
}

// The axes of `large` that are 1 and that `small` lacks: where that leaves a choice, the last ones.
// Empty if `small` is not `large` without them.
std::optional<Ints> unit_axes(const Shape& small, const Shape& large) {
  if (small.size() >= large.size()) return std::nullopt;
  Ints axes;
  std::size_t next = 0;
  for (std::size_t i = 0; i < large.size(); ++i) {
    const bool is_left_out = large[i].size == 1 && axes.size() < large.size() - small.size();
    if (next < small.size() && (!is_left_out || small[next].size == 1) &&
        is_same_dim(small, next, large, i)) {
      ++next;
    } else if (is_left_out) {
      axes.push_back(static_cast<std::int64_t>(i));
    } else {
      return std::nullopt;
    }
  }
  return axes;
}

class ViewJoiner {
 public:
  explicit ViewJoiner(Model& model)
      : graph_(model.graph),
        has_axes_input_(model.opset() >= 13),
        names_(model.graph),
        producer_(producers(model.graph)) {}

  bool run() {
    bool has_changed = false;
    for (Node& node : graph_.nodes) {
      if (is_view(node)) has_changed |= respell(node);
    }
    return has_changed;
  }

 private:
  bool respell(Node& node) {
    const ValueId source = source_of(node);
    const Shape* from = shape_of(graph_, source);
    const Shape* to = shape_of(graph_, node.output(0));
    if (from == nullptr || to == nullptr) return false;
    const bool is_flat = to->size() == 2 && from->size() > 2 && is_same_dim(*from, 0, *to, 0);
    const bool is_joined = source != node.inputs[0];
    if (is_flat) return (is_joined || node.is("Squeeze")) && reshape(node, source, *from, *to);
    if (const auto axes = unit_axes(*from, *to)) return become(node, "Unsqueeze", source, *axes);
    if (const auto axes = unit_axes(*to, *from)) return become(node, "Squeeze", source, *axes);
    return is_joined && reshape(node, source, *from, *to);
  }

  // What the first view of the row reads.
  ValueId source_of(const Node& node) const {
    ValueId id = node.inputs[0];
    while (true) {
      const int from = producer_[static_cast<std::size_t>(id)];
      if (from < 0) return id;
      const Node& view = graph_.nodes[static_cast<std::size_t>(from)];
      if (!is_view(view) && !moves_units(graph_, view)) return id;
      if (shape_of(graph_, view.inputs[0]) == nullptr) return id;
      id = view.inputs[0];
    }
  }

  bool become(Node& node, const char* op_type, ValueId source, const Ints& axes) {
    if (node.is(op_type) && node.inputs[0] == source && given_axes(node) == axes) return false;
    node.op_type = op_type;
    node.inputs = {source};
    node.attributes = {};
    if (has_axes_input_) {
      const auto count = static_cast<std::int64_t>(axes.size());
      node.inputs.push_back(
          graph_.add_constant(names_.unique("axes"), Tensor::of<std::int64_t>({count}, axes)));
    } else {
      node.attributes.set("axes", axes);
    }
    return true;
  }

  std::optional<Ints> given_axes(const Node& node) const {
    return has_axes_input_ ? constant_ints(graph_, node.input(1))
                           : node.attributes.get_ints("axes");
  }

  bool reshape(Node& node, ValueId source, const Shape& from, const Shape& to) {
    const auto target = reshape_target(from, to);
    if (!target) return false;
    const auto rank = static_cast<std::int64_t>(target->size());
    node.op_type = "Reshape";
    node.inputs = {source, graph_.add_constant(names_.unique("target"),
                                               Tensor::of<std::int64_t>({rank}, *target))};
    node.attributes = {};
    return true;
  }

  Graph& graph_;
  bool has_axes_input_;
  NameSource names_;
  std::vector<int> producer_;
};

}  // namespace

bool join_views(Model& model) {
  if (model.opset() < 5) return false;  // the target of Reshape was an attribute
  if (!ViewJoiner(model).run()) return false;
  remove_dead(model.graph);
  return true;
}

}  // namespace braid
