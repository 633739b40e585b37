#include "ir/describe_node.hpp"

namespace braid {

std::string operator_name(const Node& node) {
  return node.domain.empty() ? node.op_type : node.domain + "." + node.op_type;
}

std::string label_of(const Graph& graph, const Node& node) {
  if (!node.name.empty()) return node.name;
  for (const ValueId id : node.outputs) {
    if (id != kAbsent) return graph.value(id).name;
  }
  return "";
}

std::string place_of(const Graph& graph, const Node& node) {
  return "node '" + label_of(graph, node) + "' (" + operator_name(node) + ")";
}

const Tensor* constant_of(const Node& node) {
  const Attribute* value = node.is("Constant") ? node.attributes.find("value") : nullptr;
  if (value == nullptr || node.output(0) == kAbsent) return nullptr;
  return std::get_if<Tensor>(&value->value);
}

}  // namespace braid
