// Op {a: the schema's default}   =>   Op
//
// Some exporters write defaults out and others do not; the architectures are the same. Does not
// fire on attributes that refer to a function's attribute, nor on operators without a schema.

#include "braid/schema.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

bool is_equal(const AttributeValue& a, const AttributeValue& b) {
  if (a.index() != b.index()) return false;
  if (const auto* x = std::get_if<std::int64_t>(&a)) return *x == std::get<std::int64_t>(b);
  if (const auto* x = std::get_if<float>(&a)) return *x == std::get<float>(b);
  if (const auto* x = std::get_if<std::string>(&a)) return *x == std::get<std::string>(b);
  return false;
}

}  // namespace

bool drop_default_attributes(Model& model) {
  bool has_changed = false;
  for (Node& node : model.graph.nodes) {
    const std::int64_t opset = model.opset(node.domain);
    std::vector<std::string> dropped;
    for (const Attribute& attribute : node.attributes) {
      if (!attribute.reference.empty()) continue;
      const auto value = schema_default(node.domain, node.op_type, opset, attribute.name);
      if (value && is_equal(*value, attribute.value)) dropped.push_back(attribute.name);
    }
    for (const std::string& name : dropped)
      node.attributes.erase(name);
    has_changed = has_changed || !dropped.empty();
  }
  return has_changed;
}

}  // namespace braid
