#include "backends/cuda/elementwise_operators.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

using Values = std::vector<ChainValue>;
using Result = std::optional<ChainValue>;

// An operator that is one step.
struct Simple {
  ChainOp op = ChainOp::Load;
  std::size_t inputs = 1;
  DType result = DType::Undefined;
};

Simple predicate(ChainOp op) {
  return {.op = op, .inputs = 2, .result = DType::Bool};
}

const std::map<std::string_view, Simple>& simple_operators() {
  static const std::map<std::string_view, Simple> table = {
      {"Abs", {ChainOp::Abs}},
      {"Acos", {ChainOp::Acos}},
      {"Acosh", {ChainOp::Acosh}},
      {"Add", {ChainOp::Add, 2}},
      {"And", {ChainOp::And, 2}},
      {"Asin", {ChainOp::Asin}},
      {"Asinh", {ChainOp::Asinh}},
      {"Atan", {ChainOp::Atan}},
      {"Atanh", {ChainOp::Atanh}},
      {"BitwiseAnd", {ChainOp::BitwiseAnd, 2}},
      {"BitwiseNot", {ChainOp::BitwiseNot}},
      {"BitwiseOr", {ChainOp::BitwiseOr, 2}},
      {"BitwiseXor", {ChainOp::BitwiseXor, 2}},
      {"Ceil", {ChainOp::Ceil}},
      {"Celu", {ChainOp::Celu}},
      {"Cos", {ChainOp::Cos}},
      {"Cosh", {ChainOp::Cosh}},
      {"Div", {ChainOp::Div, 2}},
      {"Elu", {ChainOp::Elu}},
      {"Equal", predicate(ChainOp::Equal)},
      {"Erf", {ChainOp::Erf}},
      {"Exp", {ChainOp::Exp}},
      {"Floor", {ChainOp::Floor}},
      {"Greater", predicate(ChainOp::Greater)},
      {"GreaterOrEqual", predicate(ChainOp::GreaterOrEqual)},
      {"HardSigmoid", {ChainOp::HardSigmoid}},
      {"HardSwish", {ChainOp::HardSwish}},
      {"IsNaN", {.op = ChainOp::IsNaN, .result = DType::Bool}},
      {"LeakyRelu", {ChainOp::LeakyRelu}},
      {"Less", predicate(ChainOp::Less)},
      {"LessOrEqual", predicate(ChainOp::LessOrEqual)},
      {"Log", {ChainOp::Log}},
      {"Mish", {ChainOp::Mish}},
      {"Mul", {ChainOp::Mul, 2}},
      {"Neg", {ChainOp::Neg}},
      {"Not", {ChainOp::Not}},
      {"Or", {ChainOp::Or, 2}},
      {"PRelu", {ChainOp::PRelu, 2}},
      {"Reciprocal", {ChainOp::Reciprocal}},
      {"Relu", {ChainOp::Relu}},
      {"Round", {ChainOp::Round}},
      {"Selu", {ChainOp::Selu}},
      {"Sigmoid", {ChainOp::Sigmoid}},
      {"Sign", {ChainOp::Sign}},
      {"Shrink", {ChainOp::Shrink}},
      {"Sin", {ChainOp::Sin}},
      {"Sinh", {ChainOp::Sinh}},
      {"Softplus", {ChainOp::Softplus}},
      {"Softsign", {ChainOp::Softsign}},
      {"Sqrt", {ChainOp::Sqrt}},
      {"Sub", {ChainOp::Sub, 2}},
      {"Swish", {ChainOp::Swish}},
      {"Tan", {ChainOp::Tan}},
      {"Tanh", {ChainOp::Tanh}},
      {"ThresholdedRelu", {ChainOp::ThresholdedRelu}},
      {"Xor", {ChainOp::Xor, 2}},
  };
  return table;
}

constexpr const char* kOthers[] = {"BitShift", "Cast", "Clip", "Gelu", "IsInf", "Max",
                                   "Min",      "Mod",  "Pow",  "Sum",  "Where"};

// Floats are computed with as floats, whatever they are stored as.
bool are_alike(const ChainValue& a, const ChainValue& b) {
  return a.dtype == b.dtype || (is_computed_in_float(a.dtype) && is_computed_in_float(b.dtype));
}

// Which types the steps are for.
bool takes(ChainOp op, DType dtype) {
  if (op >= ChainOp::PRelu) return is_computed_in_float(dtype);
  return op < ChainOp::Mod || !is_computed_in_float(dtype);
}

Result emit_simple(ChainBuilder& builder, const Simple& simple, std::string_view name,
                   const Attributes& attributes, const Values& inputs) {
  if (inputs.size() != simple.inputs || !are_alike(inputs.back(), inputs[0])) return {};
  if (attributes.get_int("broadcast", 0) != 0) return {};  // before opset 7, with an axis
  if (!takes(simple.op, inputs[0].dtype)) return {};
  return builder.emit(simple.op, inputs, activation_parameters(name, attributes), simple.result);
}

Result emit_gelu(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  if (!is_computed_in_float(inputs[0].dtype)) return {};
  const bool is_approximate = attributes.get_string("approximate", "none") == "tanh";
  return builder.emit(is_approximate ? ChainOp::GeluTanh : ChainOp::Gelu, inputs);
}

Result emit_clip(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto is_given = [&](std::size_t i) {
    return i < inputs.size() && inputs[i].dtype != DType::Undefined;
  };
  const auto bound = [&](std::size_t i, const char* attribute, float absent) {
    return is_given(i) ? float_of(inputs[i].constant) : attributes.get_float(attribute, absent);
  };
  const std::optional<float> low = bound(1, "min", -kInfinity);
  const std::optional<float> high = bound(2, "max", kInfinity);
  const bool are_known = low && high && !std::isnan(*low) && !std::isnan(*high);
  if (are_known && is_computed_in_float(inputs[0].dtype))
    return builder.emit(ChainOp::Clip, {inputs[0]}, {*low, *high});
  if (attributes.has("min") || attributes.has("max")) return {};
  ChainValue value = inputs[0];
  if (is_given(1)) value = builder.emit(ChainOp::Max, {value, inputs[1]});
  if (is_given(2)) value = builder.emit(ChainOp::Min, {value, inputs[2]});
  return value;
}

Result emit_pow(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  const ChainValue& base = inputs[0];
  if (inputs.size() != 2 || attributes.get_int("broadcast", 0) != 0) return {};
  if (!is_computed_in_float(base.dtype)) {
    const bool are_integers = !is_computed_in_float(inputs[1].dtype);
    return are_integers ? Result(builder.emit(ChainOp::Pow, inputs)) : Result();
  }
  const std::optional<float> exponent = float_of(inputs[1].constant);
  if (exponent == 1.0F) return builder.emit(ChainOp::Load, {base});
  if (exponent == 2.0F) return builder.emit(ChainOp::Square, {base});
  if (exponent == 3.0F)
    return builder.emit(ChainOp::Mul, {builder.emit(ChainOp::Square, {base}), base});
  if (exponent == -1.0F) return builder.emit(ChainOp::Reciprocal, {base});
  if (is_computed_in_float(inputs[1].dtype)) return builder.emit(ChainOp::Pow, inputs);
  const ChainValue number = builder.emit(ChainOp::ToFloat, {inputs[1]}, {}, base.dtype);
  return builder.emit(ChainOp::Pow, {base, number});
}

Result emit_fold(ChainBuilder& builder, ChainOp op, const Values& inputs) {
  ChainValue value = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (!are_alike(inputs[i], value)) return {};
    value = builder.emit(op, {value, inputs[i]});
  }
  return value;
}

Result emit_is_inf(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  if (!is_computed_in_float(inputs[0].dtype)) return {};
  return builder.emit(ChainOp::IsInf, {inputs[0]}, searched_infinities(attributes), DType::Bool);
}

Result emit_mod(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  if (inputs.size() != 2 || !are_alike(inputs[1], inputs[0])) return {};
  const bool is_fmod = attributes.get_int("fmod", 0) != 0;
  const ChainOp op = is_fmod ? ChainOp::Fmod : ChainOp::Mod;
  return takes(op, inputs[0].dtype) ? Result(builder.emit(op, inputs)) : Result();
}

Result emit_bit_shift(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  if (inputs.size() != 2 || inputs[0].dtype != DType::UInt8) return {};
  const bool is_left = attributes.get_string("direction", "") == "LEFT";
  return builder.emit(is_left ? ChainOp::ShiftLeft : ChainOp::ShiftRight, inputs);
}

// Truth is what is not 0.
ChainValue emit_truth(ChainBuilder& builder, const ChainValue& value) {
  const ChainValue is_zero = builder.emit(ChainOp::Not, {value}, {}, DType::Bool);
  return builder.emit(ChainOp::Not, {is_zero});
}

// What is kept of an integer of 64 bits.
std::optional<ChainOp> wrap_to(DType dtype) {
  switch (dtype) {
    case DType::Int64:
      return ChainOp::Load;
    case DType::Int32:
      return ChainOp::WrapInt32;
    case DType::Int8:
      return ChainOp::WrapInt8;
    case DType::UInt8:
      return ChainOp::WrapUInt8;
    default:
      return std::nullopt;
  }
}

Result emit_cast(ChainBuilder& builder, const Attributes& attributes, const Values& inputs) {
  const auto to = static_cast<DType>(attributes.get_int("to", 0));
  const bool is_from_float = is_computed_in_float(inputs[0].dtype);
  if (to == inputs[0].dtype) return builder.emit(ChainOp::Load, inputs);
  if (to == DType::Bool) return emit_truth(builder, inputs[0]);
  if (is_computed_in_float(to)) {
    const bool is_float = is_from_float || !builder.has_integers();
    return builder.emit(is_float ? ChainOp::Load : ChainOp::ToFloat, inputs, {}, to);
  }
  const auto wrap = wrap_to(to);
  if (!wrap) return {};
  if (!is_from_float) return builder.emit(*wrap, inputs, {}, to);
  if (to == DType::Int32) return builder.emit(ChainOp::ToInt32, inputs, {}, to);
  const ChainValue whole = builder.emit(ChainOp::ToInteger, inputs, {}, DType::Int64);
  return to == DType::Int64 ? whole : builder.emit(*wrap, {whole}, {}, to);
}

Result emit_where(ChainBuilder& builder, const Values& inputs) {
  if (inputs.size() != 3 || inputs[0].dtype != DType::Bool || !are_alike(inputs[1], inputs[2]))
    return {};
  return builder.emit(ChainOp::Where, inputs, {}, inputs[1].dtype);
}

}  // namespace

bool is_elementwise_operator(std::string_view name) {
  return simple_operators().contains(name) ||
         std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers);
}

std::vector<std::string_view> elementwise_operators() {
  std::vector<std::string_view> names(std::begin(kOthers), std::end(kOthers));
  for (const auto& [name, simple] : simple_operators())
    names.push_back(name);
  return names;
}

std::optional<ChainValue> emit_operator(ChainBuilder& builder, std::string_view name,
                                        const Attributes& attributes, const Values& inputs) {
  if (inputs.empty() || inputs[0].dtype == DType::Undefined) return {};
  const auto simple = simple_operators().find(name);
  if (simple != simple_operators().end())
    return emit_simple(builder, simple->second, name, attributes, inputs);
  if (name == "Gelu") return emit_gelu(builder, attributes, inputs);
  if (name == "Clip") return emit_clip(builder, attributes, inputs);
  if (name == "Pow") return emit_pow(builder, attributes, inputs);
  if (name == "Max") return emit_fold(builder, ChainOp::Max, inputs);
  if (name == "Min") return emit_fold(builder, ChainOp::Min, inputs);
  if (name == "Sum") return emit_fold(builder, ChainOp::Add, inputs);
  if (name == "Mod") return emit_mod(builder, attributes, inputs);
  if (name == "IsInf") return emit_is_inf(builder, attributes, inputs);
  if (name == "BitShift") return emit_bit_shift(builder, attributes, inputs);
  if (name == "Cast") return emit_cast(builder, attributes, inputs);
  if (name == "Where") return emit_where(builder, inputs);
  return {};
}

}  // namespace braid::cuda
