// Op(x, c) -> y, Op(x, c) -> z   =>   Op(x, c) -> y, z is y
//
// Some exporters compute a mask or a shape once, others in every layer. Does not fire on nodes that
// read weights (members may differ in whether two of them are equal), of random outcome, of
// other domains or with subgraphs, nor where the outputs cannot be replaced.

#include <cstring>
#include <unordered_map>

#include "ir/random_operators.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

template <class T>
void append_bytes(std::string& text, const T& value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
void append_list(std::string& text, const std::vector<T>& values) {
  append_bytes(text, values.size());
  for (const T& value : values)
    append_bytes(text, value);
}

bool append_tensor(std::string& text, const Tensor& tensor) {
  constexpr std::size_t kLargest = 1 << 12;
  if (!tensor.has_data() || tensor.bytes() > kLargest || tensor.dtype() == DType::String)
    return false;
  append_bytes(text, tensor.dtype());
  append_list(text, tensor.dims());
  const Tensor whole = tensor.materialised();
  text.append(reinterpret_cast<const char*>(whole.raw().data()), whole.raw().size());
  return true;
}

bool append_attribute(std::string& text, const Attribute& attribute) {
  if (!attribute.reference.empty()) return false;
  text += attribute.name + '\0';
  append_bytes(text, attribute.value.index());
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, float>) {
          append_bytes(text, value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          append_bytes(text, value.size());
          text += value;
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>> ||
                             std::is_same_v<T, std::vector<float>>) {
          append_list(text, value);
        } else if constexpr (std::is_same_v<T, Tensor>) {
          return append_tensor(text, value);
        } else {
          return false;
        }
        return true;
      },
      attribute.value);
}

// Numbers that say where and how much, and single ones; everything else may be a weight.
bool append_constant(std::string& text, const Tensor& tensor) {
  const DType dtype = tensor.dtype();
  const bool is_plain = dtype == DType::Int64 || dtype == DType::Bool || tensor.size() == 1;
  return is_plain && append_tensor(text, tensor);
}

// Equal for nodes that compute the same; empty for those that are left alone.
std::string key_of(const Graph& graph, const Node& node, const std::vector<ValueId>& first) {
  if (!node.domain.empty() || is_random(node)) return {};
  std::string key = node.op_type + '\0';
  for (const ValueId id : node.inputs) {
    const Tensor* constant = id == kAbsent ? nullptr : &graph.value(id).constant;
    const bool is_constant = constant != nullptr && *constant && !graph.is_input(id);
    key += is_constant ? 'c' : 'v';
    if (is_constant && !append_constant(key, *constant)) return {};
    if (!is_constant) append_bytes(key, id == kAbsent ? id : first[static_cast<std::size_t>(id)]);
  }
  for (const ValueId id : node.outputs)
    key += id == kAbsent ? '-' : '+';
  for (const Attribute& attribute : node.attributes) {
    if (!append_attribute(key, attribute)) return {};
  }
  return key;
}

}  // namespace

bool merge_equal_nodes(Model& model) {
  Graph& graph = model.graph;
  Replacement replacement(graph);
  std::vector<ValueId> first(graph.values.size());  // the value that each is replaced by
  for (std::size_t i = 0; i < first.size(); ++i)
    first[i] = static_cast<ValueId>(i);
  std::unordered_map<std::string, std::size_t> met;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    const std::string key = key_of(graph, node, first);
    if (key.empty()) continue;
    const auto [found, is_new] = met.emplace(key, n);
    if (is_new) continue;
    const Node& other = graph.nodes[found->second];
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kAbsent) continue;
      if (replacement.replace(node.outputs[i], other.outputs[i]))
        first[static_cast<std::size_t>(node.outputs[i])] = other.outputs[i];
    }
  }
  if (!replacement.apply()) return false;
  remove_dead(graph);
  return true;
}

}  // namespace braid
