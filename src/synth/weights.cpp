#include "synth/weights.hpp"

#include <Eigen/Core>
#include <cmath>
#include <cstring>
#include <map>

#include "braid/error.hpp"
#include "ir/traverse.hpp"

namespace braid {
namespace {

constexpr std::int64_t kLargestStructure = 16;  // float tensors up to here are structure
constexpr double kMaskValue = 1e30;             // masks hold infinities or numbers like this

bool is_drawable(DType dtype) {
  return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::Float16 ||
         dtype == DType::BFloat16;
}

template <class T>
bool reaches(const Tensor& tensor, double limit) {
  const std::byte* source = tensor.raw().data();
  for (std::int64_t i = 0; i < tensor.size(); ++i, source += sizeof(T)) {
    T value;
    std::memcpy(&value, source, sizeof(T));  // a mapped file's data may start at any byte
    if (!(std::abs(static_cast<double>(value)) < limit)) return true;  // true for NaN too
  }
  return false;
}

bool is_mask(const Tensor& given) {
  const Tensor tensor = given.materialised();
  switch (tensor.dtype()) {
    case DType::Float64:
      return reaches<double>(tensor, kMaskValue);
    // The largest float16 is the mask value of models that were converted to it.
    case DType::Float16:
      return reaches<Eigen::half>(tensor, 6e4);
    case DType::BFloat16:
      return reaches<Eigen::bfloat16>(tensor, kMaskValue);
    default:
      return reaches<float>(tensor, kMaskValue);
  }
}

bool is_complete_weight(const Tensor& tensor) {
  return tensor.has_data() && is_drawable(tensor.dtype()) && tensor.size() > kLargestStructure &&
         !is_mask(tensor);
}

void check_drawable(const Value& value) {
  if (is_drawable(value.constant.dtype())) return;
  throw Error(ErrorKind::BadInput, "initializer '" + value.name + "' (" + describe(value.constant) +
                                       "): has no data, and values can be drawn only for float, "
                                       "double, float16 and bfloat16; export the model again");
}

std::map<ValueId, Weight> weightless_initializers(const Graph& graph) {
  std::map<ValueId, Weight> found;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    if (!value.is_constant() || value.constant.has_data()) continue;
    check_drawable(value);
    const auto id = static_cast<ValueId>(i);
    found[id] = {id, -1};
  }
  return found;
}

std::map<ValueId, Weight> complete_weights(const Graph& graph) {
  std::map<ValueId, Weight> found;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    if (is_complete_weight(graph.values[i].constant)) found[id] = {id, -1};
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const Attribute* value = node.is("Constant") ? node.attributes.find("value") : nullptr;
    const Tensor* tensor = value != nullptr ? std::get_if<Tensor>(&value->value) : nullptr;
    if (tensor == nullptr || node.output(0) == kAbsent || !is_complete_weight(*tensor)) continue;
    found[node.output(0)] = {node.output(0), static_cast<int>(i)};
  }
  return found;
}

}  // namespace

std::vector<Weight> find_weights(const Graph& graph) {
  std::map<ValueId, Weight> found = weightless_initializers(graph);
  if (found.empty()) found = complete_weights(graph);
  std::vector<Weight> ordered;
  for (const Node& node : graph.nodes) {
    for (const ValueId id : read_values(graph, node)) {
      const auto at = found.find(id);
      if (at == found.end()) continue;
      ordered.push_back(at->second);
      found.erase(at);
    }
  }
  for (const auto& entry : found)
    ordered.push_back(entry.second);
  return ordered;
}

const Tensor& weight_tensor(const Graph& graph, const Weight& weight) {
  if (weight.constant_node < 0) return graph.value(weight.value).constant;
  const Node& node = graph.nodes[static_cast<std::size_t>(weight.constant_node)];
  return std::get<Tensor>(node.attributes.find("value")->value);
}

}  // namespace braid
