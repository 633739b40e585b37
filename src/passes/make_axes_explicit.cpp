// Softmax {axis: -1} of x[b,128]         =>   Softmax {axis: 1}
// ReduceMean of x[2,3] (all axes)        =>   ReduceMean {axes: 0, 1}
// Squeeze of x[2,1,3]                    =>   Squeeze {axes: 1}
// Slice(x, starts, ends)                 =>   Slice(x, starts, ends, axes: 0, 1, ...)
// Transpose of x[a,b]                    =>   Transpose {perm: 1, 0}
// CumSum(x[b,128], -1)                   =>   CumSum(x, 1)              in int64
//
// One spelling for members from different exporters, and rules can shift axes without looking at
// defaults. Does not fire where the rank is not known.

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

// Operators with one `axis` attribute that counts within the rank of input 0, and its default.
struct AxisDefault {
  std::string_view op;
  std::int64_t value;
};
constexpr std::array<AxisDefault, 11> kAxisOperators{{
    {"ArgMax", 0},
    {"ArgMin", 0},
    {"Concat", 0},
    {"Gather", 0},
    {"GatherElements", 0},
    {"Hardmax", -1},
    {"LayerNormalization", -1},
    {"LogSoftmax", -1},
    {"ScatterElements", 0},
    {"Softmax", -1},
    {"Split", 0},
}};

Ints counted(std::int64_t count) {
  Ints result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

class AxesMaker {
 public:
  explicit AxesMaker(Model& model)
      : graph_(model.graph), opset_(model.opset()), names_(model.graph) {}

  bool run() {
    for (Node& node : graph_.nodes) {
      if (!node.domain.empty()) continue;
      const auto rank = rank_of(graph_, node.input(0));
      if (rank) make_explicit(node, *rank);
    }
    return has_changed_;
  }

 private:
  void make_explicit(Node& node, int rank) {
    const auto axis =
        std::find_if(kAxisOperators.begin(), kAxisOperators.end(),
                     [&](const AxisDefault& item) { return item.op == node.op_type; });
    if (axis != kAxisOperators.end()) {
      fix_axis(node, *axis, rank);
    } else if (node.is("Transpose") && !node.attributes.has("perm")) {
      Ints perm = counted(rank);
      std::reverse(perm.begin(), perm.end());
      node.attributes.set("perm", perm);
      has_changed_ = true;
    } else if (node.op_type.starts_with("Reduce")) {
      const bool is_input = opset_ >= 18 || (opset_ >= 13 && node.is("ReduceSum"));
      const bool is_noop = node.attributes.get_int("noop_with_empty_axes", 0) != 0;
      fix_axes(node, is_input, 1, rank, is_noop ? Ints{} : counted(rank));
    } else if (node.is("Squeeze")) {
      fix_axes(node, opset_ >= 13, 1, rank, unit_axes(node));
    } else if (node.is("Unsqueeze")) {
      fix_axes(node, opset_ >= 13, 1, rank_of(graph_, node.output(0)).value_or(0), {});
    } else if (node.is("CumSum")) {
      fix_scalar_axis(node, 1, rank);
    } else if (node.is("Slice") && opset_ >= 10) {
      const Shape* starts = shape_of(graph_, node.input(1));
      if (starts == nullptr || starts->size() != 1 || !(*starts)[0].is_known()) return;
      fix_axes(node, true, 3, rank, counted((*starts)[0].size));
    }
  }

  // Before opset 13, Softmax and its kin flatten at the axis; its default is 1.
  void fix_axis(Node& node, const AxisDefault& entry, int rank) {
    const bool is_old_softmax =
        opset_ < 13 && node.op_type.ends_with("max") && !node.op_type.starts_with("Arg");
    const std::int64_t fallback = is_old_softmax ? 1 : entry.value;
    const std::int64_t axis = node.attributes.get_int("axis", fallback);
    const std::int64_t fixed = axis < 0 ? axis + rank : axis;
    if (node.attributes.has("axis") && fixed == axis) return;
    node.attributes.set("axis", fixed);
    has_changed_ = true;
  }

  void fix_scalar_axis(Node& node, std::size_t slot, int rank) {
    const auto given = constant_ints(graph_, node.input(slot));
    if (!given || given->size() != 1) return;
    const std::int64_t axis = (*given)[0] < 0 ? (*given)[0] + rank : (*given)[0];
    const Tensor& constant = graph_.value(node.inputs[slot]).constant;
    if (axis == (*given)[0] && constant.rank() == 0 && constant.dtype() == DType::Int64) return;
    node.inputs[slot] =
        graph_.add_constant(names_.unique("axis"), Tensor::of<std::int64_t>({}, {axis}));
    has_changed_ = true;
  }

  // Axes of dims that are 1; none if some dim is not known.
  Ints unit_axes(const Node& node) const {
    const auto dims = known_dims(graph_, node.input(0));
    if (!dims) return {};
    Ints axes;
    for (std::size_t i = 0; i < dims->size(); ++i) {
      if ((*dims)[i] == 1) axes.push_back(static_cast<std::int64_t>(i));
    }
    return axes;
  }

  // Axes as an attribute or as input number `slot`; `fallback` stands for absent axes.
  void fix_axes(Node& node, bool is_input, std::size_t slot, int rank, const Ints& fallback) {
    std::optional<Ints> axes;
    const ValueId given = is_input ? node.input(slot) : kAbsent;
    const bool is_absent = is_input ? given == kAbsent : !node.attributes.has("axes");
    if (is_absent) {
      if (fallback.empty()) return;
    } else {
      axes = is_input ? constant_ints(graph_, given) : node.attributes.get_ints("axes");
      if (!axes) return;
    }
    Ints fixed = axes && !axes->empty() ? *axes : fallback;
    for (std::int64_t& axis : fixed) {
      if (axis < 0) axis += rank;
    }
    if (axes == fixed) return;
    has_changed_ = true;
    if (!is_input) {
      node.attributes.set("axes", fixed);
      return;
    }
    if (node.inputs.size() <= slot) node.inputs.resize(slot + 1, kAbsent);
    const auto count = static_cast<std::int64_t>(fixed.size());
    Tensor tensor = Tensor::of<std::int64_t>({count}, fixed);
    if (node.is("Slice") && graph_.value(node.inputs[1]).type.dtype == DType::Int32) {
      tensor = Tensor::of<std::int32_t>({count}, {fixed.begin(), fixed.end()});  // all of one type
    }
    node.inputs[slot] = graph_.add_constant(names_.unique("axes"), std::move(tensor));
  }

  Graph& graph_;
  std::int64_t opset_;
  NameSource names_;
  bool has_changed_ = false;
};

}  // namespace

bool make_axes_explicit(Model& model) {
  const bool has_changed = AxesMaker(model).run();
  if (has_changed) remove_dead(model.graph);
  return has_changed;
}

}  // namespace braid
