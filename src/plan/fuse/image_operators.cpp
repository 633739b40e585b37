#include "plan/fuse/image_operators.hpp"

#include <algorithm>
#include <array>

namespace braid {
namespace {

constexpr std::array<std::string_view, 5> kWindowed = {"Conv", "MaxPool", "AveragePool",
                                                       "GlobalAveragePool", "GlobalMaxPool"};

constexpr std::array<std::string_view, 36> kElementwise = {
    "Abs",        "Add",  "Cast",  "Ceil", "Celu",        "Clip",      "Div",      "Elu",
    "Erf",        "Exp",  "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu",
    "Log",        "Max",  "Min",   "Mish", "Mul",         "Neg",       "PRelu",    "Pow",
    "Reciprocal", "Relu", "Round", "Selu", "Sigmoid",     "Softplus",  "Softsign", "Sqrt",
    "Sub",        "Sum",  "Swish", "Tanh"};

template <std::size_t N>
bool is_one_of(const Node& node, const std::array<std::string_view, N>& ops) {
  return node.domain.empty() && std::find(ops.begin(), ops.end(), node.op_type) != ops.end();
}

}  // namespace

bool moves_window(const Node& node) {
  return is_one_of(node, kWindowed);
}

bool maps_elements(const Node& node) {
  return is_one_of(node, kElementwise);
}

}  // namespace braid
