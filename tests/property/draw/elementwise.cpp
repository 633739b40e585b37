// Operators that compute each element on its own, with every kind of broadcasting.

#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

// What stands beside `x`: a weight, a constant of all members, or another value.
ValueId operand_beside(Builder& b, ValueId x) {
  const int kind = b.below(10);
  if (kind < 5) return b.weight(b.broadcast_dims(x));
  if (kind < 6) return b.scalar(b.between(-3, 3) + 0.5);
  if (kind < 7)
    return b.constant(draw_tensor(DType::Float32, b.broadcast_dims(x), {-1, 1},
                                  static_cast<std::uint64_t>(b.below(1000))));
  return b.pick_float();
}

ValueId binary(Builder& b, const std::string& op, ValueId x, ValueId y) {
  return b.chance(30) ? b.node(op, {y, x}) : b.node(op, {x, y});
}

Attributes unary_attributes(Builder& b, const std::string& op) {
  const float a = static_cast<float>(b.between(1, 9)) / 8.0F;
  if (b.chance(40)) return {};
  if (op == "Elu" || op == "LeakyRelu" || op == "ThresholdedRelu" || op == "Celu")
    return attributes({{"alpha", a}});
  if (op == "HardSigmoid") return attributes({{"alpha", a}, {"beta", a / 2}});
  if (op == "Selu") return attributes({{"alpha", a}, {"gamma", 1.5F}});
  if (op == "Shrink") return attributes({{"bias", a}, {"lambd", a / 2}});
  if (op == "Gelu") return attributes({{"approximate", std::string("tanh")}});
  if (op == "Swish") return attributes({{"alpha", a}});
  return {};
}

}  // namespace

void draw_unary(Builder& b) {
  const std::string op = b.one_of<const char*>(
      {"Abs",    "Neg",   "Relu",      "Relu",     "Sigmoid",        "Tanh",      "Tanh",
       "Erf",    "Sin",   "Cos",       "Atan",     "Softplus",       "Softsign",  "Elu",
       "Selu",   "Celu",  "LeakyRelu", "Gelu",     "HardSigmoid",    "HardSwish", "Mish",
       "Shrink", "Swish", "Asinh",     "Sinh",     "Cosh",           "Exp",       "Floor",
       "Ceil",   "Round", "Sign",      "Identity", "ThresholdedRelu"});
  b.node(op, {b.pick_float()}, unary_attributes(b, op));
}

// Where the domain is bounded, what goes in is bounded first.
void draw_guarded_unary(Builder& b) {
  const ValueId x = b.pick_float();
  const std::string op =
      b.one_of<const char*>({"Log", "Sqrt", "Reciprocal", "Acosh", "Acos", "Asin", "Atanh", "Tan"});
  if (op == "Acos" || op == "Asin" || op == "Atanh" || op == "Tan") {
    const ValueId bounded = b.node("Mul", {b.node("Tanh", {x}), b.scalar(0.75)});
    b.node(op, {bounded});
  } else {
    b.node(op, {b.node("Add", {b.node("Abs", {x}), b.scalar(1.25)})});
  }
}

void draw_binary(Builder& b) {
  const ValueId x = b.pick_float();
  binary(b, b.one_of<const char*>({"Add", "Add", "Sub", "Mul", "Mul"}), x, operand_beside(b, x));
}

void draw_division(Builder& b) {
  const ValueId x = b.pick_float();
  const ValueId divisor = b.chance(60)
                              ? b.weight(b.broadcast_dims(x), {0.5, 2})
                              : b.node("Add", {b.node("Abs", {b.pick_float()}), b.scalar(0.75)});
  b.node("Div", {x, divisor});
}

void draw_pow(Builder& b) {
  const ValueId x = b.pick_float();
  if (b.chance(60)) {
    b.node("Pow", {x, b.scalar(b.between(2, 3))});
  } else {
    const ValueId base = b.node("Add", {b.node("Abs", {x}), b.scalar(0.75)});
    b.node("Pow", {base, b.weight(b.broadcast_dims(x), {-1, 2})});
  }
}

void draw_mod(Builder& b) {
  if (b.chance(50)) {
    const ValueId x = b.pick_float();
    b.node("Mod", {x, b.weight(b.broadcast_dims(x), {0.5, 2})},
           attributes({{"fmod", std::int64_t{1}}}));
  } else {
    const ValueId x = b.pick_of(DType::Int64);
    const int divisor = b.between(2, 4);
    const ValueId rest = b.node("Mod", {x, b.scalar(divisor, DType::Int64)});
    b.set_bounds(rest, {0, static_cast<double>(divisor)});
  }
}

void draw_variadic(Builder& b) {
  const std::string op = b.one_of<const char*>({"Sum", "Mean", "Min", "Max"});
  std::vector<ValueId> inputs = {b.pick_float()};
  for (int count = b.between(0, 2); count > 0; --count)
    inputs.push_back(operand_beside(b, inputs[0]));
  b.node(op, inputs);
}

void draw_prelu(Builder& b) {
  const ValueId x = b.pick_float();
  Builder::Ints sizes = b.broadcast_dims(x);
  if (static_cast<int>(sizes.size()) > b.rank(x)) throw Rejected{};
  b.node("PRelu", {x, b.weight(sizes)});
}

void draw_comparison(Builder& b) {
  const ValueId x = b.pick_float();
  if (b.chance(10)) {
    b.node(b.one_of<const char*>({"IsNaN", "IsInf"}), {x});
    return;
  }
  const std::string op =
      b.one_of<const char*>({"Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"});
  binary(b, op, x, operand_beside(b, x));
}

void draw_logic(Builder& b) {
  const ValueId x = b.pick_of(DType::Bool);
  if (b.chance(30)) {
    b.node("Not", {x});
  } else {
    const ValueId y =
        b.chance(50) ? b.pick_of(DType::Bool) : b.weight(b.broadcast_dims(x), {0, 2}, DType::Bool);
    binary(b, b.one_of<const char*>({"And", "Or", "Xor"}), x, y);
  }
}

void draw_bitwise(Builder& b) {
  const ValueId x = b.pick_of(DType::Int64);
  const std::string op =
      b.one_of<const char*>({"BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "Add", "Mul"});
  if (op == "BitwiseNot") {
    b.node(op, {x});
  } else {
    binary(b, op, x, b.weight(b.broadcast_dims(x), {0, 4}, DType::Int64));
  }
}

void draw_where(Builder& b) {
  const ValueId x = b.pick_float();
  const ValueId condition =
      b.chance(50) ? b.pick_of(DType::Bool) : b.weight(b.broadcast_dims(x), {0, 2}, DType::Bool);
  const ValueId y = operand_beside(b, x);
  b.chance(50) ? b.node("Where", {condition, x, y}) : b.node("Where", {condition, y, x});
}

void draw_clip(Builder& b) {
  const ValueId x = b.pick_float();
  const float low = -static_cast<float>(b.between(0, 4)) / 2;
  const float high = static_cast<float>(b.between(1, 12)) / 2;
  if (b.opset() < 11) {
    b.node("Clip", {x}, attributes({{"min", low}, {"max", high}}));
    return;
  }
  const auto limit = [&](float value) {
    return b.chance(25) ? b.weight({}, {value, value + 0.5}) : b.scalar(value);
  };
  const ValueId lower = b.chance(30) ? kAbsent : limit(low);
  const ValueId upper = b.chance(30) ? kAbsent : limit(high);
  b.node("Clip", {x, lower, upper});
}

void draw_cast(Builder& b) {
  const auto to = [](DType dtype) {
    return attributes({{"to", static_cast<std::int64_t>(dtype)}});
  };
  if (b.chance(40)) {
    b.node("Cast", {b.pick([&](ValueId id) { return !b.is_float(id); })}, to(DType::Float32));
    return;
  }
  const ValueId x = b.pick_float();
  const DType other = b.one_of<DType>(
      {DType::Float64, DType::Int32, DType::Int64, DType::Bool, DType::Float32, DType::Float16});
  const ValueId y = b.node("Cast", {x}, to(other));
  if (b.chance(50)) b.node("Cast", {y}, to(DType::Float32));
}

void draw_dropout(Builder& b) {
  const ValueId x = b.pick_float();
  const int outputs = b.opset() >= 12 && b.chance(40) ? 2 : 1;
  if (b.opset() < 12) {
    b.node("Dropout", {x}, attributes({{"ratio", 0.25F}}));
  } else {
    const ValueId ratio = b.chance(50) ? b.scalar(0.25) : kAbsent;
    b.nodes("Dropout", {x, ratio}, {}, outputs);
  }
}

}  // namespace braid::property
