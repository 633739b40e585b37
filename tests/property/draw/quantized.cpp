// Quantised weights and activations, per tensor and per axis, and products of integers.

#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

constexpr Range kScale{0.1, 0.4};

ValueId zero_point(Builder& b, DType dtype) {
  return b.scalar(dtype == DType::UInt8 ? 100 : 0, dtype);
}

ValueId quantized(Builder& b, ValueId x) {
  const ValueId scale = b.chance(50) ? b.weight({}, kScale) : b.scalar(0.125);
  return b.node("QuantizeLinear", {x, scale, zero_point(b, DType::UInt8)});
}

ValueId integer_weight(Builder& b, const Ints& sizes) {
  return b.weight(sizes, {-20, 20}, DType::Int8);
}

ValueId pick_quantized(Builder& b, int least_rank) {
  const ValueId x = b.pick([&](ValueId id) {
    return b.rank(id) >= least_rank && (b.is_float(id) || b.dtype(id) == DType::UInt8);
  });
  return b.is_float(x) ? quantized(b, x) : x;
}

std::int64_t fixed_size(Builder& b, ValueId x, int axis) {
  if (!b.is_fixed(x, axis)) throw Rejected{};
  return b.dims(x)[static_cast<std::size_t>(axis)];
}

}  // namespace

void draw_quantization(Builder& b) {
  if (b.opset() < 10) throw Rejected{};
  const ValueId x = b.pick_float();
  const ValueId y = quantized(b, x);
  const ValueId scale = b.chance(50) ? b.weight({}, kScale) : b.scalar(0.25);
  b.node("DequantizeLinear", {y, scale, zero_point(b, DType::UInt8)});
}

// A product with a weight that is stored in 8 bits, per tensor or per column.
void draw_dequantized_weight(Builder& b) {
  if (b.opset() < 10) throw Rejected{};
  const ValueId x = b.pick_float(2);
  const std::int64_t columns = b.between(1, 4);
  const bool is_per_axis = b.opset() >= 13 && b.chance(60);
  const ValueId weight = integer_weight(b, {fixed_size(b, x, b.rank(x) - 1), columns});
  const ValueId scale = b.weight(is_per_axis ? Ints{columns} : Ints{}, {0.02, 0.1});
  b.node("MatMul", {x, b.node("DequantizeLinear", {weight, scale})});
}

void draw_integer_product(Builder& b) {
  if (b.opset() < 10) throw Rejected{};
  const ValueId x = pick_quantized(b, 2);
  const std::int64_t inner = fixed_size(b, x, b.rank(x) - 1);
  const std::int64_t columns = b.between(1, 4);
  const ValueId weight = integer_weight(b, {inner, columns});
  const ValueId zero = zero_point(b, DType::UInt8);
  if (b.chance(50)) {
    b.node("MatMulInteger", {x, weight, b.chance(70) ? zero : kAbsent});
    return;
  }
  const Ints per_column = b.chance(50) ? Ints{columns} : Ints{};
  const ValueId weight_zero = b.weight(per_column, {0, 3}, DType::Int8);
  b.node("QLinearMatMul", {x, b.scalar(0.125), zero, weight, b.weight(per_column, kScale),
                           weight_zero, b.weight({}, kScale), zero});
}

void draw_integer_convolution(Builder& b) {
  if (b.opset() < 10) throw Rejected{};
  const ValueId x = pick_quantized(b, 4);
  if (b.rank(x) != 4) throw Rejected{};
  const std::int64_t outputs = b.between(1, 4);
  const ValueId weight = integer_weight(b, {outputs, fixed_size(b, x, 1), 2, 1});
  const ValueId zero = zero_point(b, DType::UInt8);
  if (b.chance(50)) {
    b.node("ConvInteger", {x, weight, zero});
    return;
  }
  const Ints per_channel = b.chance(50) ? Ints{outputs} : Ints{};
  const ValueId weight_zero = b.constant(draw_tensor(DType::Int8, per_channel, {0, 0}, 0));
  const ValueId bias = b.chance(50) ? b.weight({outputs}, {-50, 50}, DType::Int32) : kAbsent;
  b.node("QLinearConv", {x, b.scalar(0.125), zero, weight, b.weight(per_channel, kScale),
                         weight_zero, b.scalar(0.25), zero, bias});
}

}  // namespace braid::property
