// Operators that read and write by index, and what is made from shapes.

#include <algorithm>

#include "property/draw/axes.hpp"
#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

// Indices within [-size, size) that all members have, of any rank.
ValueId constant_indices(Builder& b, std::int64_t size, const Ints& sizes) {
  const double low = b.opset() >= 11 && b.chance(40) ? -static_cast<double>(size) : 0;
  return b.constant(draw_tensor(DType::Int64, sizes, {low, static_cast<double>(size)},
                                static_cast<std::uint64_t>(b.below(1000))));
}

// Indices into an axis: of all members, of each member, or computed.
ValueId indices_below(Builder& b, std::int64_t size, const Ints& sizes) {
  if (b.chance(50)) return constant_indices(b, size, sizes);
  if (b.chance(40)) return b.weight(sizes, {0, static_cast<double>(size)}, DType::Int64);
  return b.pick([&](ValueId id) {
    const auto range = b.bounds(id);
    return b.dtype(id) == DType::Int64 && range && range->low >= 0 &&
           range->high <= static_cast<double>(size);
  });
}

Ints draw_sizes(Builder& b, int rank) {
  Ints sizes;
  for (int i = 0; i < rank; ++i)
    sizes.push_back(b.between(1, 3));
  return sizes;
}

std::int64_t size_at(Builder& b, ValueId x, int axis) {
  const std::int64_t size = b.dims(x)[static_cast<std::size_t>(axis)];
  if (!b.is_fixed(x, axis) || size == 0) throw Rejected{};
  return size;
}

Attributes axis_attribute(Builder& b, int axis, int rank) {
  if (axis == 0 && b.chance(40)) return {};
  return attributes({{"axis", b.opset() >= 11 ? either_sign(b, axis, rank) : std::int64_t{axis}}});
}

}  // namespace

void draw_gather(Builder& b) {
  const ValueId x = b.pick_float(1, 4);
  const int axis = b.below(b.rank(x));
  const ValueId indices = indices_below(b, size_at(b, x, axis), draw_sizes(b, b.below(3)));
  if (b.rank(x) + b.rank(indices) > 6) throw Rejected{};
  b.node("Gather", {x, indices}, axis_attribute(b, axis, b.rank(x)));
}

void draw_embedding(Builder& b) {
  const std::int64_t rows = b.between(3, 6);
  const ValueId indices = indices_below(b, rows, draw_sizes(b, b.below(3)));
  Ints sizes = {rows, b.between(1, 4)};
  if (b.chance(20)) sizes = {2, rows, 3};
  if (b.chance(10)) sizes = {rows};
  const int axis = sizes.size() == 3 ? 1 : 0;
  if (b.rank(indices) > 3) throw Rejected{};
  b.node("Gather", {b.weight(sizes), indices},
         axis_attribute(b, axis, static_cast<int>(sizes.size())));
}

void draw_gather_elements(Builder& b) {
  const ValueId x = b.pick_float(1, 4);
  const int axis = b.below(b.rank(x));
  const std::int64_t size = size_at(b, x, axis);
  if (!b.are_fixed(x, 0, b.rank(x))) throw Rejected{};
  Ints sizes = b.dims(x);
  for (std::int64_t& dim : sizes)
    dim = dim == 0 ? 0 : b.between(1, static_cast<int>(dim));
  const ValueId indices = b.chance(70)
                              ? constant_indices(b, size, sizes)
                              : b.weight(sizes, {0, static_cast<double>(size)}, DType::Int64);
  b.node("GatherElements", {x, indices}, axis_attribute(b, axis, b.rank(x)));
}

void draw_gather_nd(Builder& b) {
  const ValueId x = b.pick_float(1, 4);
  const bool has_batch = b.opset() >= 12 && b.rank(x) >= 2 && b.is_fixed(x, 0) && b.chance(40);
  const int axis = has_batch ? 1 : 0;
  const std::int64_t size = size_at(b, x, axis);
  Ints sizes = draw_sizes(b, b.between(0, 2));
  if (has_batch) sizes.insert(sizes.begin(), b.dims(x)[0]);
  sizes.push_back(1);
  Attributes chosen;
  if (has_batch) chosen.set("batch_dims", std::int64_t{1});
  const ValueId indices = b.chance(70)
                              ? constant_indices(b, size, sizes)
                              : b.weight(sizes, {0, static_cast<double>(size)}, DType::Int64);
  b.node("GatherND", {x, indices}, chosen);
}

void draw_scatter_elements(Builder& b) {
  const ValueId x = b.pick_float(1, 3);
  if (!b.are_fixed(x, 0, b.rank(x))) throw Rejected{};
  const int axis = b.below(b.rank(x));
  const std::int64_t size = size_at(b, x, axis);
  Ints sizes = b.dims(x);
  sizes[static_cast<std::size_t>(axis)] = 1;  // one index per row, so none is written twice
  Attributes chosen = axis_attribute(b, axis, b.rank(x));
  if (b.opset() >= 16 && b.chance(40)) chosen.set("reduction", std::string("add"));
  b.node("ScatterElements", {x, constant_indices(b, size, sizes), b.weight(sizes)}, chosen);
}

void draw_scatter_nd(Builder& b) {
  const ValueId x = b.pick_float(1, 3);
  if (!b.are_fixed(x, 0, b.rank(x))) throw Rejected{};
  Ints sizes = b.dims(x);
  const std::int64_t size = size_at(b, x, 0);
  sizes[0] = 1;
  b.node("ScatterND", {x, constant_indices(b, size, {1, 1}), b.weight(sizes)});
}

void draw_one_hot(Builder& b) {
  const int depth = b.between(3, 5);
  const ValueId indices = indices_below(b, depth, draw_sizes(b, b.below(3)));
  if (b.rank(indices) > 4) throw Rejected{};
  const ValueId values = b.chance(50) ? b.weight({2}) : b.constant(Tensor::of<float>({2}, {0, 1}));
  b.node("OneHot", {indices, b.scalar(depth, DType::Int64), values},
         attributes({{"axis", std::int64_t{b.between(-1, b.rank(indices))}}}));
}

void draw_reverse_sequence(Builder& b) {
  const ValueId x = b.pick_float(2);
  const bool is_time_first = b.chance(50);
  const int batch = is_time_first ? 1 : 0;
  const Ints sizes = {size_at(b, x, batch)};
  const std::int64_t time = size_at(b, x, 1 - batch);
  b.node("ReverseSequence",
         {x, b.constant(draw_tensor(DType::Int64, sizes, {1, static_cast<double>(time) + 1}, 5))},
         attributes({{"batch_axis", std::int64_t{batch}}, {"time_axis", std::int64_t{1 - batch}}}));
}

void draw_eye_like(Builder& b) {
  const ValueId x = b.pick_float(2, 2);
  b.node("EyeLike", {x}, attributes({{"k", std::int64_t{b.between(-1, 1)}}}));
}

void draw_center_crop_pad(Builder& b) {
  const ValueId x = b.pick_float(1);
  const Ints axes = draw_axes(b, b.rank(x));
  if (axes.empty()) throw Rejected{};
  Ints sizes = draw_sizes(b, static_cast<int>(axes.size()));
  b.node("CenterCropPad", {x, b.ints(sizes)}, attributes({{"axes", axes}}));
}

// What is made from shapes is one for all members.
void draw_shape(Builder& b) {
  const ValueId x = b.pick_float();
  const auto as_float = attributes({{"to", static_cast<std::int64_t>(DType::Float32)}});
  if (b.chance(30)) {
    b.node("Cast", {b.node("Size", {x})}, as_float);
    return;
  }
  Attributes chosen;
  if (b.opset() >= 15 && b.chance(50)) {
    if (b.chance(70)) chosen.set("start", std::int64_t{b.between(-2, 1)});
    if (b.chance(50)) chosen.set("end", std::int64_t{b.between(-1, 2)});
  }
  const ValueId shape = b.node("Shape", {x}, chosen);
  if (b.chance(40)) {
    b.node("Cast", {shape}, as_float);
  } else if (b.chance(50) && b.rank(x) > 0) {
    b.node("ConstantOfShape", {shape}, attributes({{"value", Tensor::of<float>({1}, {0.5F})}}));
  }
}

// A causal mask from the length of an axis.
void draw_mask(Builder& b) {
  const ValueId x = b.pick_float(2);
  if (b.opset() < 16) throw Rejected{};
  const ValueId shape = b.node("Shape", {x});
  const auto length = [&](int axis) {
    return b.node("Gather", {shape, b.scalar(axis, DType::Int64)});
  };
  const auto range = [&](int axis, int unsqueezed) {
    const ValueId counted =
        b.node("Range", {b.scalar(0, DType::Int64), length(axis), b.scalar(1, DType::Int64)});
    return b.node("Unsqueeze", {counted, b.ints({unsqueezed})});
  };
  const ValueId mask = b.node("GreaterOrEqual", {range(b.rank(x) - 2, 1), range(b.rank(x) - 1, 0)});
  b.node("Where", {mask, x, b.scalar(-4)});
}

}  // namespace braid::property
