#include "merge/node_labels.hpp"

#include <algorithm>
#include <cstring>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "merge/align.hpp"

namespace braid {
namespace {

std::string shape_text(const Type& type) {
  std::string text = std::to_string(static_cast<int>(type.kind)) + ":" +
                     std::to_string(static_cast<int>(type.dtype)) + ":";
  if (!type.shape) return text + "*";
  for (const Dim& dim : *type.shape)
    text += (dim.is_known() ? std::to_string(dim.size) : "?") + ",";
  return text;
}

// Attributes are equal if their texts are; floats by their bits, tensors by their content.
class AttributeText {
 public:
  explicit AttributeText(ContentIndex& contents) : contents_(contents) {}

  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(float value) const {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return "f" + std::to_string(bits);
  }
  std::string operator()(const std::string& value) const {
    return std::to_string(value.size()) + "'" + value;
  }
  std::string operator()(const Tensor& value) const {
    return "t" + std::to_string(contents_.id_of(value));
  }
  std::string operator()(const SparseTensor& value) const {
    std::string text = "s" + (*this)(value.values) + (*this)(value.indices);
    for (const std::int64_t dim : value.dims)
      text += "," + std::to_string(dim);
    return text;
  }
  std::string operator()(const Type& value) const { return to_string(value); }
  std::string operator()(const GraphPtr&) const { return "graph"; }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text = "[";
    for (const T& value : values)
      text += (*this)(value) + ";";
    return text;
  }

 private:
  ContentIndex& contents_;
};

}  // namespace

std::string NodeLabels::text_of(const Graph& graph, const Node& node,
                                const std::vector<bool>& is_structural) {
  std::string text = node.domain + "." + node.op_type + "." + node.overload;
  std::vector<std::string> attributes;
  for (const Attribute& attribute : node.attributes) {
    attributes.push_back(attribute.name + "=" +
                         std::visit(AttributeText(contents_), attribute.value));
  }
  std::sort(attributes.begin(), attributes.end());
  for (const std::string& attribute : attributes)
    text += "|" + attribute;
  text += "<";
  for (const ValueId id : node.inputs) {
    text += "|";
    if (id == kAbsent) continue;
    const Value& value = graph.value(id);
    if (!value.is_constant()) {
      text += shape_text(value.type);
      continue;
    }
    text += "c" + describe(value.constant);
    if (is_structural[static_cast<std::size_t>(id)]) {
      text += "#" + std::to_string(contents_.id_of(value.constant));
    }
  }
  text += ">";
  for (const ValueId id : node.outputs)
    text += "|" + (id == kAbsent ? std::string() : shape_text(graph.value(id).type));
  return text;
}

std::vector<LabelledNode> NodeLabels::label(const Graph& graph) {
  const std::vector<bool> is_structural = structural_constants(graph);
  std::vector<LabelledNode> sequence;
  for (const int n : order_by_wiring(graph)) {
    const Node& node = graph.nodes[static_cast<std::size_t>(n)];
    const auto fresh = static_cast<int>(numbers_.size());
    LabelledNode& added = sequence.emplace_back();
    added.node = n;
    const std::string text = has_subgraph(node) ? "subgraph " + std::to_string(fresh)
                                                : text_of(graph, node, is_structural);
    added.label = numbers_.emplace(text, fresh).first->second;
    for (const ValueId id : node.inputs) {
      if (id == kAbsent || !graph.value(id).is_constant()) continue;
      if (is_structural[static_cast<std::size_t>(id)]) continue;
      added.weights.push_back(contents_.id_of(graph.value(id).constant));
    }
  }
  return sequence;
}

}  // namespace braid
