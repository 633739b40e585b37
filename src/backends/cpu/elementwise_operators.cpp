#include "backends/cpu/elementwise_operators.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "backends/operands.hpp"

namespace braid {
namespace {

using cpu::Opcode;
using Builder = ElementwiseBuilder;
using Values = std::vector<ElementwiseValue>;
using Result = std::optional<ElementwiseValue>;

// An operator that is one instruction.
struct Simple {
  Opcode opcode = Opcode::Copy;
  std::size_t inputs = 1;
  DType result = DType::Undefined;
};

Simple predicate(Opcode opcode) {
  return {.opcode = opcode, .inputs = 2, .result = DType::Bool};
}

const std::map<std::string_view, Simple>& simple_operators() {
  static const std::map<std::string_view, Simple> table = {
      {"Abs", {Opcode::Abs}},
      {"Add", {Opcode::Add, 2}},
      {"And", {Opcode::And, 2}},
      {"Ceil", {Opcode::Ceil}},
      {"Celu", {Opcode::Celu}},
      {"Cos", {Opcode::Cos}},
      {"Div", {Opcode::Div, 2}},
      {"Elu", {Opcode::Elu}},
      {"Equal", predicate(Opcode::Equal)},
      {"Erf", {Opcode::Erf}},
      {"Exp", {Opcode::Exp}},
      {"Floor", {Opcode::Floor}},
      {"Greater", predicate(Opcode::Greater)},
      {"GreaterOrEqual", predicate(Opcode::GreaterOrEqual)},
      {"HardSigmoid", {Opcode::HardSigmoid}},
      {"HardSwish", {Opcode::HardSwish}},
      {"IsNaN", {.opcode = Opcode::IsNaN, .result = DType::Bool}},
      {"LeakyRelu", {Opcode::LeakyRelu}},
      {"Less", predicate(Opcode::Less)},
      {"LessOrEqual", predicate(Opcode::LessOrEqual)},
      {"Log", {Opcode::Log}},
      {"Mish", {Opcode::Mish}},
      {"Mul", {Opcode::Mul, 2}},
      {"Neg", {Opcode::Neg}},
      {"Not", {Opcode::Not}},
      {"Or", {Opcode::Or, 2}},
      {"PRelu", {Opcode::PRelu, 2}},
      {"Reciprocal", {Opcode::Reciprocal}},
      {"Relu", {Opcode::Relu}},
      {"Round", {Opcode::Round}},
      {"Selu", {Opcode::Selu}},
      {"Sigmoid", {Opcode::Sigmoid}},
      {"Sign", {Opcode::Sign}},
      {"Sin", {Opcode::Sin}},
      {"Softplus", {Opcode::Softplus}},
      {"Softsign", {Opcode::Softsign}},
      {"Sqrt", {Opcode::Sqrt}},
      {"Sub", {Opcode::Sub, 2}},
      {"Swish", {Opcode::Swish}},
      {"Tanh", {Opcode::Tanh}},
      {"ThresholdedRelu", {Opcode::ThresholdedRelu}},
      {"Xor", {Opcode::Xor, 2}},
  };
  return table;
}

const Simple* find_simple(std::string_view name) {
  const auto found = simple_operators().find(name);
  return found != simple_operators().end() ? &found->second : nullptr;
}

constexpr const char* kOthers[] = {"Cast", "Clip", "Gelu",  "Max",  "Min",
                                   "Pow",  "Sum",  "Where", "IsInf"};

Result emit_simple(Builder& builder, const Simple& simple, std::string_view name,
                   const Attributes& attributes, const Values& inputs) {
  if (inputs.size() != simple.inputs || inputs.back().dtype != inputs[0].dtype) return {};
  if (attributes.get_int("broadcast", 0) != 0) return {};  // before opset 7, with an axis
  return builder.emit(simple.opcode, inputs, activation_parameters(name, attributes),
                      simple.result);
}

Result emit_gelu(Builder& builder, const Attributes& attributes, const Values& inputs) {
  const bool is_approximate = attributes.get_string("approximate", "none") == "tanh";
  return builder.emit(is_approximate ? Opcode::GeluTanh : Opcode::Gelu, inputs);
}

Result emit_clip(Builder& builder, const Attributes& attributes, const Values& inputs) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto bound = [&](std::size_t i, const char* attribute, float absent) {
    const bool is_given = i < inputs.size() && inputs[i].dtype != DType::Undefined;
    if (!is_given) return std::optional(attributes.get_float(attribute, absent));
    return float_of(inputs[i].constant);
  };
  const std::optional<float> low = bound(1, "min", -kInfinity);
  const std::optional<float> high = bound(2, "max", kInfinity);
  const bool are_known = low && high && !std::isnan(*low) && !std::isnan(*high);
  if (are_known && inputs[0].dtype == DType::Float32)
    return builder.emit(Opcode::Clamp, {inputs[0]}, {*low, *high});
  if (attributes.has("min") || attributes.has("max")) return {};
  ElementwiseValue value = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i].dtype == DType::Undefined) continue;
    value = builder.emit(i == 1 ? Opcode::Max : Opcode::Min, {value, inputs[i]});
  }
  return value;
}

Result emit_pow(Builder& builder, const Attributes& attributes, const Values& inputs) {
  const auto& [base, exponent] = std::pair(inputs[0], inputs[1]);
  if (base.dtype != DType::Float32 || attributes.get_int("broadcast", 0) != 0) return {};
  const std::optional<float> known = float_of(exponent.constant);
  if (known) {
    if (*known == 1.0F) return builder.emit(Opcode::Copy, {base});
    if (*known == 2.0F) return builder.emit(Opcode::Square, {base});
    if (*known == 3.0F)
      return builder.emit(Opcode::Mul, {builder.emit(Opcode::Square, {base}), base});
    if (*known == -1.0F) return builder.emit(Opcode::Reciprocal, {base});
  }
  if (exponent.dtype == DType::Float32) return builder.emit(Opcode::Pow, {base, exponent});
  return builder.emit(Opcode::Pow,
                      {base, builder.emit(Opcode::Convert, {exponent}, {}, DType::Float32)});
}

Result emit_is_inf(Builder& builder, const Attributes& attributes, const Values& inputs) {
  return builder.emit(Opcode::IsInf, {inputs[0]}, searched_infinities(attributes), DType::Bool);
}

Result emit_fold(Builder& builder, Opcode opcode, const Values& inputs) {
  ElementwiseValue value = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i].dtype != value.dtype) return {};
    value = builder.emit(opcode, {value, inputs[i]});
  }
  return value;
}

Result emit_cast(Builder& builder, const Attributes& attributes, const Values& inputs) {
  const auto to = static_cast<DType>(attributes.get_int("to", 0));
  if (to == inputs[0].dtype) return builder.emit(Opcode::Copy, inputs);
  if (is_narrow(to) && inputs[0].dtype == DType::Bool)
    return builder.emit(Opcode::Convert, inputs, {}, DType::Float32);
  return builder.emit(Opcode::Convert, inputs, {}, to);
}

Result emit_where(Builder& builder, const Values& inputs) {
  if (inputs[0].dtype != DType::Bool || inputs[1].dtype != inputs[2].dtype) return {};
  return builder.emit_where(inputs[0], inputs[1], inputs[2]);
}

}  // namespace

bool is_elementwise_operator(std::string_view name) {
  return find_simple(name) != nullptr ||
         std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers);
}

std::vector<std::string_view> elementwise_operators() {
  std::vector<std::string_view> names(std::begin(kOthers), std::end(kOthers));
  for (const auto& [name, simple] : simple_operators())
    names.push_back(name);
  return names;
}

std::optional<ElementwiseValue> emit_operator(Builder& builder, std::string_view name,
                                              const Attributes& attributes, const Values& inputs) {
  if (inputs.empty() || inputs[0].dtype == DType::Undefined) return {};
  if (const Simple* simple = find_simple(name))
    return emit_simple(builder, *simple, name, attributes, inputs);
  if (name == "Gelu") return emit_gelu(builder, attributes, inputs);
  if (name == "Clip") return emit_clip(builder, attributes, inputs);
  if (name == "Pow") return emit_pow(builder, attributes, inputs);
  if (name == "Max") return emit_fold(builder, Opcode::Max, inputs);
  if (name == "Min") return emit_fold(builder, Opcode::Min, inputs);
  if (name == "Sum") return emit_fold(builder, Opcode::Add, inputs);
  if (name == "Cast") return emit_cast(builder, attributes, inputs);
  if (name == "IsInf") return emit_is_inf(builder, attributes, inputs);
  if (name == "Where") return emit_where(builder, inputs);
  return {};
}

}  // namespace braid
