#include "verify/twins.hpp"

#include <algorithm>
#include <variant>
#include <vector>

namespace braid {
namespace {

std::vector<Tensor> float_constants(const Model& model) {
  std::vector<Tensor> constants;
  for (const Value& value : model.graph.values) {
    if (value.is_constant() && is_float(value.constant.dtype())) {
      constants.push_back(value.constant);
    }
  }
  for (const Node& node : model.graph.nodes) {
    for (const Attribute& attribute : node.attributes) {
      const auto* tensor = std::get_if<Tensor>(&attribute.value);
      if (tensor != nullptr && is_float(tensor->dtype())) constants.push_back(*tensor);
    }
  }
  return constants;
}

}  // namespace

bool are_twins(const Model& a, const Model& b) {
  const std::vector<Tensor> first = float_constants(a);
  const std::vector<Tensor> second = float_constants(b);
  return std::equal(first.begin(), first.end(), second.begin(), second.end(), same_content);
}

}  // namespace braid
