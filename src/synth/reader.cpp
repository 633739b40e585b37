#include "synth/reader.hpp"

#include <algorithm>
#include <set>

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

const std::set<std::string>& rearranging_operators() {
  static const std::set<std::string> operators = {"Transpose", "Reshape", "Identity", "Squeeze",
                                                  "Unsqueeze", "Cast",    "Flatten",  "Slice",
                                                  "Expand",    "Split"};
  return operators;
}

// Integers given as an input, or in old opsets as an attribute; empty if they are not constant.
Dims integers(const Graph& graph, const Node& node, std::size_t slot, const char* attribute) {
  const ValueId id = node.input(slot);
  if (id != kAbsent && graph.value(id).constant.has_data()) {
    const Tensor& tensor = graph.value(id).constant;
    const bool is_readable = tensor.dtype() == DType::Int64 || tensor.dtype() == DType::Int32;
    return is_readable ? to_int64s(tensor) : Dims{};
  }
  const Attribute* given = node.attributes.find(attribute);
  const auto* values = given != nullptr ? std::get_if<Dims>(&given->value) : nullptr;
  return values != nullptr ? *values : Dims{};
}

Dims transposed(const Node& node, const Dims& dims) {
  Dims permutation = node.attributes.get_ints("perm");
  Dims result(dims.rbegin(), dims.rend());
  if (permutation.size() != dims.size()) return result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto from = static_cast<std::size_t>(permutation[i]);
    if (from < dims.size()) result[i] = dims[from];
  }
  return result;
}

Dims reshaped(const Dims& target, const Dims& dims) {
  if (target.empty()) return dims;
  std::int64_t total = 1;
  for (const std::int64_t dim : dims)
    total *= dim;
  Dims result = target;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && i < dims.size()) result[i] = dims[i];
    if (result[i] > 0) known *= result[i];
  }
  for (std::int64_t& dim : result) {
    if (dim < 0) dim = total / known;
  }
  return result;
}

Dims unsqueezed(Dims axes, Dims dims) {
  const auto rank = static_cast<std::int64_t>(dims.size() + axes.size());
  for (std::int64_t& axis : axes)
    axis += axis < 0 ? rank : 0;
  std::sort(axes.begin(), axes.end());
  for (const std::int64_t axis : axes) {
    const auto at = std::clamp<std::int64_t>(axis, 0, static_cast<std::int64_t>(dims.size()));
    dims.insert(dims.begin() + at, 1);
  }
  return dims;
}

Dims squeezed(Dims dims) {
  dims.erase(std::remove(dims.begin(), dims.end(), 1), dims.end());
  return dims;
}

// Dims behind a rearranging node; an estimate where they depend on values not known here.
Dims dims_behind(const Graph& graph, const Node& node, const Dims& dims) {
  if (node.is("Transpose")) return transposed(node, dims);
  if (node.is("Reshape")) return reshaped(integers(graph, node, 1, "shape"), dims);
  if (node.is("Unsqueeze")) return unsqueezed(integers(graph, node, 1, "axes"), dims);
  if (node.is("Squeeze")) return squeezed(dims);
  return dims;
}

}  // namespace

Reader find_reader(const Graph& graph, ValueId value, Dims dims) {
  for (const Node& node :
       graph.nodes) {  // a reader stands behind what it reads: one sweep is enough
    const auto at = std::find(node.inputs.begin(), node.inputs.end(), value);
    if (at == node.inputs.end()) continue;
    const auto slot = static_cast<std::size_t>(at - node.inputs.begin());
    const bool is_passed = slot == 0 && node.domain.empty() && node.output(0) != kAbsent &&
                           rearranging_operators().contains(node.op_type);
    if (!is_passed) return {&node, slot, std::move(dims)};
    dims = dims_behind(graph, node, dims);
    value = node.output(0);
  }
  return {nullptr, 0, std::move(dims)};
}

}  // namespace braid
