#include "plan/grouped_matmul.hpp"

namespace braid {
namespace {

constexpr std::size_t kInputs = 4;

std::string suffix(std::size_t product) {
  return "." + std::to_string(product);
}

Attributes attributes_of(const Attributes& all, std::size_t product) {
  const std::string end = suffix(product);
  Attributes result;
  for (const Attribute& attribute : all) {
    if (!attribute.name.ends_with(end)) continue;
    result.set(attribute.name.substr(0, attribute.name.size() - end.size()), attribute.value);
  }
  return result;
}

}  // namespace

Node group_matmuls(const std::vector<const Node*>& products) {
  Node group;
  group.domain = kFusedDomain;
  group.op_type = "GroupedMatMul";
  group.name = products[0]->name;
  for (std::size_t i = 0; i < products.size(); ++i) {
    for (std::size_t input = 0; input < kInputs; ++input)
      group.inputs.push_back(products[i]->input(input));
    group.outputs.push_back(products[i]->outputs[0]);
    for (const Attribute& attribute : products[i]->attributes)
      group.attributes.set(attribute.name + suffix(i), attribute.value);
  }
  return group;
}

GroupedMatMul::GroupedMatMul(const Operator& op) {
  for (std::size_t i = 0; i < op.outputs.size(); ++i)
    attributes_.push_back(attributes_of(op.attributes, i));
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    const auto first = op.inputs.begin() + static_cast<std::ptrdiff_t>(input(i, 0));
    products_.push_back({kFusedDomain,
                         "MatMul",
                         op.opset,
                         attributes_[i],
                         {first, first + kInputs},
                         {op.outputs[i]}});
  }
}

std::size_t GroupedMatMul::input(std::size_t product, std::size_t i) {
  return kInputs * product + i;
}

}  // namespace braid
