// Reductions, and other operators along an axis.

#include "property/draw/axes.hpp"
#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

Attributes axis_of(Builder& b, ValueId x, int axis) {
  return attributes({{"axis", b.opset() >= 11 ? either_sign(b, axis, b.rank(x)) : axis}});
}

}  // namespace

void draw_reduce(Builder& b) {
  ValueId x = b.pick_float();
  const std::string op = b.one_of<const char*>(
      {"ReduceSum", "ReduceSum", "ReduceMean", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd",
       "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceLogSum"});
  if (op == "ReduceLogSum" || op == "ReduceL2")
    x = b.node("Add", {b.node("Abs", {x}), b.scalar(1)});
  std::vector<ValueId> inputs = {x};
  Attributes chosen;
  if (b.chance(50)) chosen.set("keepdims", std::int64_t{b.below(2)});
  const int since = op == "ReduceSum" ? 13 : 18;
  Ints axes = draw_axes(b, b.rank(x));
  if (b.opset() < 11) {
    for (std::int64_t& axis : axes)
      axis = axis < 0 ? axis + b.rank(x) : axis;
  }
  if (!axes.empty() && b.chance(90)) {
    put_ints(b, since, "axes", axes, inputs, chosen);
  } else if (b.opset() >= since && b.chance(50)) {
    chosen.set("noop_with_empty_axes", std::int64_t{1});
    if (b.chance(50)) inputs.push_back(b.ints({}));
  }
  b.node(op, inputs, chosen);
}

void draw_argument(Builder& b) {
  const ValueId x = b.pick_float(1);
  const int axis = b.below(b.rank(x));
  Attributes chosen = axis_of(b, x, axis);
  if (b.chance(50)) chosen.set("keepdims", std::int64_t{b.below(2)});
  if (b.opset() >= 12 && b.chance(30)) chosen.set("select_last_index", std::int64_t{1});
  const ValueId y = b.node(b.one_of<const char*>({"ArgMax", "ArgMin"}), {x}, chosen);
  if (b.is_fixed(x, axis))
    b.set_bounds(y, {0, static_cast<double>(b.dims(x)[static_cast<std::size_t>(axis)])});
}

void draw_softmax(Builder& b) {
  const ValueId x = b.pick_float(1);
  const std::string op =
      b.one_of<const char*>({"Softmax", "Softmax", "Softmax", "LogSoftmax", "Hardmax"});
  b.node(op, {x}, b.chance(30) ? Attributes() : axis_of(b, x, b.below(b.rank(x))));
}

void draw_cumulative(Builder& b) {
  const ValueId x = b.pick_float(1);
  const std::int64_t axis = either_sign(b, b.below(b.rank(x)), b.rank(x));
  Attributes chosen;
  if (b.chance(30)) chosen.set("exclusive", std::int64_t{1});
  if (b.chance(30)) chosen.set("reverse", std::int64_t{1});
  b.node("CumSum", {x, b.scalar(static_cast<double>(axis), DType::Int64)}, chosen);
}

void draw_top_k(Builder& b) {
  const ValueId x = b.pick_float(1);
  const int axis = b.below(b.rank(x));
  const std::int64_t size = b.dims(x)[static_cast<std::size_t>(axis)];
  if (b.opset() < 10 || !b.is_fixed(x, axis) || size == 0) throw Rejected{};
  const std::int64_t k = b.between(1, static_cast<int>(size));
  Attributes chosen = axis_of(b, x, axis);
  if (b.opset() >= 11 && b.chance(40)) chosen.set("largest", std::int64_t{0});
  const auto outputs = b.nodes("TopK", {x, b.ints({k})}, chosen, 2);
  b.set_bounds(outputs[1], {0, static_cast<double>(size)});
}

void draw_trilu(Builder& b) {
  const ValueId x = b.pick_float(2);
  Attributes chosen;
  if (b.chance(50)) chosen.set("upper", std::int64_t{0});
  b.node("Trilu", {x, b.chance(50) ? b.scalar(b.between(-1, 1), DType::Int64) : kAbsent}, chosen);
}

}  // namespace braid::property
