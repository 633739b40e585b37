// Operators that move elements: other dims, other order, cuts and joins.

#include <algorithm>
#include <numeric>

#include "property/draw/axes.hpp"
#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

constexpr int kMostRank = 5;

// A number as a product of two to three factors, or as itself.
Ints factorise(Builder& b, std::int64_t number) {
  Ints factors;
  for (std::int64_t divisor = 2; divisor <= number && factors.size() < 2; ++divisor) {
    if (number % divisor == 0 && b.chance(50)) {
      factors.push_back(divisor);
      number /= divisor;
    }
  }
  factors.push_back(number);
  if (b.chance(15)) factors.push_back(1);
  if (b.chance(50)) std::reverse(factors.begin(), factors.end());
  return factors;
}

Ints counted(std::size_t count) {
  Ints result(count);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

std::int64_t product(const Ints& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

// A value that can stand beside `x` in a Concat along `axis`.
ValueId part_beside(Builder& b, ValueId x, int axis) {
  const int rank = b.rank(x);
  if (b.chance(45) && b.are_fixed(x, 0, axis) && b.are_fixed(x, axis + 1, rank)) {
    Ints sizes = b.dims(x);
    sizes[static_cast<std::size_t>(axis)] = b.between(1, 3);
    if (b.chance(60)) return b.weight(sizes);
    return b.constant(
        draw_tensor(DType::Float32, sizes, {-1, 1}, static_cast<std::uint64_t>(b.below(1000))));
  }
  return b.pick([&](ValueId id) { return b.is_float(id) && b.rank(id) == rank; });
}

}  // namespace

// Leading dims are copied, kept, merged or left to -1; the rest is split into other factors.
void draw_reshape(Builder& b) {
  const ValueId x = b.pick_float();
  const int rank = b.rank(x);
  const int kept = b.chance(70) ? b.between(0, rank) : std::min(rank, 1);
  Ints target;
  bool has_rest = false;
  for (int axis = 0; axis < kept; ++axis) {
    const bool is_copied = !b.is_fixed(x, axis) || b.chance(40);
    target.push_back(is_copied ? 0 : b.dims(x)[static_cast<std::size_t>(axis)]);
  }
  Ints others;
  for (int axis = kept; axis < rank; ++axis) {
    if (b.is_fixed(x, axis)) {
      others.push_back(b.dims(x)[static_cast<std::size_t>(axis)]);
    } else {
      has_rest = true;
    }
  }
  Ints factors = factorise(b, product(others));
  if (has_rest) factors.insert(factors.begin() + (b.chance(70) ? 0 : 1), -1);
  if (!has_rest && b.chance(40))
    factors[static_cast<std::size_t>(b.below(static_cast<int>(factors.size())))] = -1;
  target.insert(target.end(), factors.begin(), factors.end());
  if (target.size() > kMostRank) throw Rejected{};
  Attributes chosen;
  if (b.opset() >= 14 && std::ranges::count(target, 0) == 0 && b.chance(25))
    chosen.set("allowzero", std::int64_t{1});
  b.node("Reshape", {x, b.ints(target)}, chosen);
}

// The target is put together from the dims of a value, as exporters do.
void draw_reshape_at_run_time(Builder& b) {
  const ValueId x = b.pick_float(2, 4);
  const ValueId shape = b.node("Shape", {x});
  const int kept = b.between(1, b.rank(x) - 1);
  std::vector<ValueId> parts;
  for (int axis = 0; axis < kept; ++axis) {
    const bool is_scalar = b.chance(50);
    const ValueId index = is_scalar ? b.scalar(axis, DType::Int64) : b.ints({axis});
    ValueId part = b.node("Gather", {shape, index});
    if (is_scalar) {
      std::vector<ValueId> inputs = {part};
      Attributes chosen;
      put_ints(b, 13, "axes", {0}, inputs, chosen);
      part = b.node("Unsqueeze", inputs, chosen);
    }
    parts.push_back(part);
  }
  parts.push_back(b.ints(b.chance(50) && b.dims(x).back() % 2 == 0 ? Ints{-1, 2} : Ints{-1}));
  const ValueId target = b.node("Concat", parts, attributes({{"axis", std::int64_t{0}}}));
  b.node("Reshape", {x, target});
}

void draw_transpose(Builder& b) {
  const ValueId x = b.pick_float(1);
  if (b.chance(15)) {
    b.node("Transpose", {x});
    return;
  }
  Ints perm = counted(static_cast<std::size_t>(b.rank(x)));
  for (std::size_t i = perm.size(); i > 1; --i)
    std::swap(perm[i - 1], perm[static_cast<std::size_t>(b.below(static_cast<int>(i)))]);
  b.node("Transpose", {x}, attributes({{"perm", perm}}));
}

void draw_flatten(Builder& b) {
  const ValueId x = b.pick_float();
  const int low = b.opset() >= 11 ? -b.rank(x) : 0;
  b.node("Flatten", {x},
         b.chance(40) ? Attributes()
                      : attributes({{"axis", std::int64_t{b.between(low, b.rank(x))}}}));
}

void draw_squeeze(Builder& b) {
  const ValueId x =
      b.pick([&](ValueId id) { return b.is_float(id) && std::ranges::count(b.dims(id), 1) > 0; });
  if (b.chance(25)) {
    b.node("Squeeze", {x});
    return;
  }
  Ints axes;
  for (int axis = 0; axis < b.rank(x); ++axis) {
    const bool is_one = b.dims(x)[static_cast<std::size_t>(axis)] == 1 && b.is_fixed(x, axis);
    if (is_one && b.chance(70))
      axes.push_back(b.opset() >= 11 ? either_sign(b, axis, b.rank(x)) : axis);
  }
  if (axes.empty()) throw Rejected{};
  std::vector<ValueId> inputs = {x};
  Attributes chosen;
  put_ints(b, 13, "axes", axes, inputs, chosen);
  b.node("Squeeze", inputs, chosen);
}

void draw_unsqueeze(Builder& b) {
  const ValueId x = b.pick_float(0, kMostRank - 1);
  const int rank = b.rank(x) + (b.rank(x) < kMostRank - 1 && b.chance(30) ? 2 : 1);
  Ints axes;
  while (static_cast<int>(axes.size()) + b.rank(x) < rank) {
    const int axis = b.below(rank);
    const bool is_taken = std::ranges::any_of(
        axes, [&](std::int64_t other) { return other == axis || other == axis - rank; });
    if (!is_taken) axes.push_back(b.opset() >= 11 ? either_sign(b, axis, rank) : axis);
  }
  std::vector<ValueId> inputs = {x};
  Attributes chosen;
  put_ints(b, 13, "axes", axes, inputs, chosen);
  b.node("Unsqueeze", inputs, chosen);
}

void draw_concat(Builder& b) {
  const ValueId x = b.pick_float(1);
  const int axis = b.below(b.rank(x));
  std::vector<ValueId> parts = {x};
  for (int count = b.between(1, 2); count > 0; --count)
    parts.insert(b.chance(50) ? parts.begin() : parts.end(), part_beside(b, x, axis));
  const std::int64_t named = b.opset() >= 11 ? either_sign(b, axis, b.rank(x)) : axis;
  b.node("Concat", parts, attributes({{"axis", named}}));
}

void draw_split(Builder& b) {
  const ValueId x = b.pick_float(1);
  const int axis = b.below(b.rank(x));
  const std::int64_t size = b.dims(x)[static_cast<std::size_t>(axis)];
  if (!b.is_fixed(x, axis) || size < 2) throw Rejected{};
  std::vector<ValueId> inputs = {x};
  Attributes chosen;
  if (axis > 0 || b.chance(50)) {
    chosen.set("axis", b.opset() >= 11 ? either_sign(b, axis, b.rank(x)) : std::int64_t{axis});
  }
  int parts = b.between(2, 3);
  if (size % parts == 0 && b.chance(40)) {
    if (b.opset() >= 18) chosen.set("num_outputs", std::int64_t{parts});
  } else {
    const std::int64_t first = b.between(1, static_cast<int>(size) - 1);
    put_ints(b, 13, "split", {first, size - first}, inputs, chosen);
    parts = 2;
  }
  b.nodes("Split", inputs, chosen, parts);
}

void draw_slice(Builder& b) {
  const ValueId x = b.pick_float(1);
  Ints axes = draw_axes(b, b.rank(x));
  if (axes.empty()) axes = {0};
  if (b.chance(20)) {
    axes = counted(static_cast<std::size_t>(b.between(1, b.rank(x))));
  }
  Ints starts, ends, steps;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const bool is_backward = b.opset() >= 10 && b.chance(25);
    starts.push_back(is_backward ? -1 : b.between(-2, 1));
    ends.push_back(is_backward ? -99 : b.one_of<int>({99, 99, 2, 3, -1}));
    steps.push_back(b.between(1, 2) * (is_backward ? -1 : 1));
  }
  const bool is_plain = axes == counted(axes.size());
  if (b.opset() < 10) {
    for (std::int64_t& axis : axes)
      axis = axis < 0 ? axis + b.rank(x) : axis;
    b.node("Slice", {x}, attributes({{"starts", starts}, {"ends", ends}, {"axes", axes}}));
    return;
  }
  std::vector<ValueId> inputs = {x, b.ints(starts), b.ints(ends)};
  const bool has_steps = std::ranges::any_of(steps, [](std::int64_t step) { return step != 1; });
  inputs.push_back(is_plain && b.chance(60) ? kAbsent : b.ints(axes));
  inputs.push_back(has_steps ? b.ints(steps) : kAbsent);
  b.node("Slice", inputs);
}

void draw_pad(Builder& b) {
  const ValueId x = b.pick_float(1);
  const std::string mode =
      b.one_of<const char*>({"constant", "constant", "reflect", "edge", "wrap"});
  const int low = mode == "constant" && b.chance(30) ? -1 : 0;
  const bool has_axes = b.opset() >= 18 && b.chance(40);
  const Ints axes = has_axes ? draw_axes(b, b.rank(x)) : Ints{};
  const auto count = has_axes ? axes.size() : static_cast<std::size_t>(b.rank(x));
  Ints pads;
  for (std::size_t i = 0; i < 2 * count; ++i)
    pads.push_back(b.chance(50) ? 0 : b.between(low, 1));
  Attributes chosen;
  if (mode != "constant" || b.chance(30)) chosen.set("mode", mode);
  if (b.opset() < 11) {
    chosen.set("pads", pads);
    if (b.chance(40)) chosen.set("value", 0.5F);
    b.node("Pad", {x}, chosen);
    return;
  }
  const ValueId value = b.chance(40) ? b.scalar(0.5) : kAbsent;
  b.node("Pad", {x, b.ints(pads), value, has_axes ? b.ints(axes) : kAbsent}, chosen);
}

void draw_expand(Builder& b) {
  const ValueId x = b.pick_float(0, 4);
  if (b.chance(25)) {
    const ValueId like = b.pick_float(1, 4);
    b.node("Expand", {x, b.node("Shape", {like})});
    return;
  }
  const int rank = b.between(0, std::min(4, b.rank(x) + 1));
  Ints target;
  for (int i = 0; i < rank; ++i) {
    const int axis = b.rank(x) - rank + i;
    const bool is_open =
        axis < 0 || (b.dims(x)[static_cast<std::size_t>(axis)] == 1 && b.is_fixed(x, axis));
    target.push_back(is_open ? b.between(1, 3) : 1);
  }
  b.node("Expand", {x, b.ints(target)});
}

void draw_tile(Builder& b) {
  const ValueId x = b.pick_float(1, 4);
  Ints repeats;
  for (int axis = 0; axis < b.rank(x); ++axis)
    repeats.push_back(b.chance(60) ? 1 : b.between(1, 3));
  b.node("Tile", {x, b.ints(repeats)});
}

}  // namespace braid::property
