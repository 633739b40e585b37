#include "backends/cuda/recurrent_layer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "backends/cuda/bind_arguments.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

struct NamedActivation {
  const char* name;
  CellActivation activation;
};

constexpr NamedActivation kActivations[] = {
    {"Elu", {Activation::Elu, 1.0F, 0.0F}},
    {"HardSigmoid", {Activation::HardSigmoid, 0.2F, 0.5F}},
    {"LeakyRelu", {Activation::LeakyRelu, 0.01F, 0.0F}},
    {"Relu", {Activation::Relu, 0.0F, 0.0F}},
    {"Sigmoid", {Activation::Sigmoid, 0.0F, 0.0F}},
    {"Softplus", {Activation::Softplus, 0.0F, 0.0F}},
    {"Tanh", {Activation::Tanh, 0.0F, 0.0F}},
};

bool is_same_name(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::vector<std::string> usual_activations(CellKind cell) {
  if (cell == CellKind::Lstm) return {"Sigmoid", "Tanh", "Tanh"};
  if (cell == CellKind::Gru) return {"Sigmoid", "Tanh"};
  return {"Tanh"};
}

// False if there is one that no kernel has, or parameters are given.
bool set_activations(const Operator& op, RecurrentLayer& layer) {
  if (op.attributes.has("activation_alpha") || op.attributes.has("activation_beta")) return false;
  const std::vector<std::string> usual = usual_activations(layer.cell);
  std::vector<std::string> names;
  if (const Attribute* given = op.attributes.find("activations")) {
    const auto* const list = std::get_if<std::vector<std::string>>(&given->value);
    if (list == nullptr) return false;
    names = *list;
  }
  const auto count = usual.size() * static_cast<std::size_t>(layer.directions);
  if (!names.empty() && names.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& own = usual[i % usual.size()];
    const std::string& name = names.empty() ? own : names[i];
    const auto* const found = std::ranges::find_if(
        kActivations, [&](const NamedActivation& each) { return is_same_name(each.name, name); });
    if (found == std::end(kActivations)) return false;
    layer.activations[i / usual.size()][i % usual.size()] = found->activation;
    layer.has_usual_activations = layer.has_usual_activations && is_same_name(name, own);
  }
  return true;
}

bool has_usual_operands(const Operator& op, const RecurrentLayer& l) {
  const DType dtype = op.inputs[kX].dtype;
  const auto fits = [&](std::size_t input, const Dims& dims, bool is_constant) {
    if (!op.has_input(input)) return input > kR;
    const braid::Operand& operand = op.inputs[input];
    return operand.dtype == dtype && operand.dims == dims &&
           (!is_constant || operand.constant != nullptr);
  };
  const Dims state = l.is_batch_first ? Dims{l.batch, l.directions, l.hidden}
                                      : Dims{l.directions, l.batch, l.hidden};
  const bool has_lengths = op.has_input(kLengths);
  if (has_lengths &&
      (op.inputs[kLengths].dtype != DType::Int32 || op.inputs[kLengths].dims != Dims{l.batch})) {
    return false;
  }
  return fits(kW, {l.directions, l.columns(), l.inputs}, true) &&
         fits(kR, {l.directions, l.columns(), l.hidden}, true) &&
         fits(kRecurrentBias, {l.directions, 2 * l.columns()}, true) &&
         fits(kFirstHidden, state, false) && fits(kFirstCell, state, false) &&
         fits(kPeephole, {l.directions, 3 * l.hidden}, false);
}

}  // namespace

std::optional<RecurrentLayer> recurrent_layer_of(const Operator& op) {
  const auto element = element_of(op.inputs[kX].dtype);
  const Dims& x = op.inputs[kX].dims;
  if (!element || op.inputs.size() <= kR || x.size() != 3 || op.inputs[kR].dims.size() != 3)
    return std::nullopt;
  RecurrentLayer layer;
  layer.element = *element;
  layer.cell = op.name == "LSTM"  ? CellKind::Lstm
               : op.name == "GRU" ? CellKind::Gru
                                  : CellKind::Rnn;
  layer.gates = layer.cell == CellKind::Lstm ? 4 : layer.cell == CellKind::Gru ? 3 : 1;
  layer.is_batch_first = op.attributes.get_int("layout", 0) != 0;
  layer.steps = x[layer.is_batch_first ? 1 : 0];
  layer.batch = x[layer.is_batch_first ? 0 : 1];
  layer.inputs = x[2];
  layer.hidden = op.inputs[kR].dims[2];
  const std::string direction = op.attributes.get_string("direction", "forward");
  layer.directions = direction == "bidirectional" ? 2 : 1;
  layer.is_reverse = direction == "reverse";
  layer.is_coupled = op.attributes.get_int("input_forget", 0) != 0;
  layer.resets_after = op.attributes.get_int("linear_before_reset", 0) != 0;
  layer.clip = std::max(0.0F, op.attributes.get_float("clip", 0.0F));
  const bool is_empty = layer.steps * layer.batch * layer.inputs * layer.hidden == 0;
  if (is_empty || !has_usual_operands(op, layer) || !set_activations(op, layer))
    return std::nullopt;
  return layer;
}

}  // namespace braid::cuda
