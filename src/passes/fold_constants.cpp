// constants -> Op -> y   =>   y is an initializer with the computed data
//
// Fires when every input is a constant with data. Does not fire when the result is larger than
// 64 KiB (a weight would be copied), or larger than both the inputs and 1 KiB (a broadcast would be
// stored), on operators with subgraphs or of random outcome, nor when y is an output of the graph
// or read by a subgraph.

#include <algorithm>

#include "ir/random_operators.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

constexpr std::size_t kSmall = std::size_t{64} << 10;
constexpr std::size_t kTiny = std::size_t{1} << 10;

bool is_foldable(const Graph& graph, const Node& node) {
  if (!node.domain.empty() || is_random(node) || has_subgraph(node)) return false;
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
    return id == kAbsent || (graph.value(id).constant.has_data() && !graph.is_input(id));
  });
}

// Known before anything is computed, so that a large result never exists.
bool is_small_enough(const Graph& graph, const Node& node) {
  std::size_t input_bytes = 0;
  for (const ValueId id : node.inputs) {
    if (id != kAbsent) input_bytes += graph.value(id).constant.bytes();
  }
  const auto dims = known_dims(graph, node.output(0));
  if (!dims) return input_bytes <= kSmall && !node.is("ConstantOfShape") && !node.is("Expand");
  const Type& type = graph.value(node.outputs[0]).type;
  const std::size_t bytes = Tensor::weightless(type.dtype, *dims).bytes();
  return bytes <= kSmall && bytes <= std::max(kTiny, input_bytes);
}

}  // namespace

bool fold_constants(Model& model, const Evaluator& evaluate) {
  Graph& graph = model.graph;
  const std::int64_t opset = model.opset();
  bool has_folded = false;
  for (const Node& node : graph.nodes) {
    if (!is_foldable(graph, node) || !is_small_enough(graph, node)) continue;
    const bool is_output = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return id != kAbsent && (graph.is_output(id) || graph.value(id).is_constant());
    });
    if (is_output) continue;
    std::vector<Tensor> inputs;
    for (const ValueId id : node.inputs) {
      inputs.push_back(id == kAbsent ? Tensor() : graph.value(id).constant.materialised());
    }
    const auto results = evaluate(node, opset, inputs);
    if (!results) continue;
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kAbsent) continue;
      Value& value = graph.value(node.outputs[i]);
      value.constant = (*results)[i];
      Shape shape;
      for (const std::int64_t dim : value.constant.dims())
        shape.push_back(Dim::known(dim));
      value.type = Type::tensor(value.constant.dtype(), std::move(shape));
      value.is_declared = false;
    }
    has_folded = true;
  }
  if (!has_folded) return false;
  std::erase_if(graph.nodes, [&](const Node& node) {
    return std::all_of(node.outputs.begin(), node.outputs.end(),
                       [&](ValueId id) { return id == kAbsent || graph.value(id).is_constant(); });
  });
  remove_dead(graph);
  return true;
}

}  // namespace braid
