#include "plan/fuse/elementwise_nodes.hpp"

#include <algorithm>
#include <array>

namespace braid {
namespace {

template <std::size_t N>
bool is_any(const Node& node, const std::array<const char*, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return node.is(name); });
}

}  // namespace

bool maps_floats(const Node& node) {
  static constexpr std::array kNames = {"Abs",         "Add",
                                        "Ceil",        "Celu",
                                        "Clip",        "Cos",
                                        "Div",         "Elu",
                                        "Erf",         "Exp",
                                        "Floor",       "Gelu",
                                        "HardSigmoid", "HardSwish",
                                        "LeakyRelu",   "Log",
                                        "Max",         "Min",
                                        "Mish",        "Mul",
                                        "Neg",         "PRelu",
                                        "Pow",         "Reciprocal",
                                        "Relu",        "Round",
                                        "Selu",        "Sigmoid",
                                        "Sign",        "Sin",
                                        "Softplus",    "Softsign",
                                        "Sqrt",        "Sub",
                                        "Sum",         "Swish",
                                        "Tanh",        "ThresholdedRelu"};
  return is_any(node, kNames);
}

bool compares_floats(const Node& node) {
  return is_any(node, std::array{"Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less",
                                 "LessOrEqual"});
}

bool maps_bools(const Node& node) {
  return is_any(node, std::array{"And", "Not", "Or", "Xor"});
}

}  // namespace braid
