// Mul(x, Sigmoid(x))                                =>   Swish(x)
// Mul(x, HardSigmoid {alpha: 1/6, beta: 0.5}(x))    =>   HardSwish(x)
//
// Operators of later opsets than exporters wrote for: one operator with one reader can become the
// epilogue of a product. Does not apply when others read the sigmoid.

#include <cmath>

#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"

namespace braid {
namespace {

// The activation that x times this function of x is; null if it is none.
const char* activation_of(const Node& function) {
  if (function.is("Sigmoid")) return "Swish";
  if (!function.is("HardSigmoid")) return nullptr;
  const float alpha = function.attributes.get_float("alpha", 0.2F);
  const bool is_sixth = std::abs(alpha - 1.0F / 6.0F) <= 1e-7F;
  return is_sixth && function.attributes.get_float("beta", 0.5F) == 0.5F ? "HardSwish" : nullptr;
}

}  // namespace

bool fuse_activations(Model& model, const Backend& backend) {
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  const std::vector<int> producer = producers(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Mul") || node.inputs.size() != 2) continue;
    for (const std::size_t side : {0U, 1U}) {
      const auto factor = static_cast<std::size_t>(node.inputs[side]);
      if (producer[factor] < 0 || readers[factor] != 1) continue;
      const Node& function = graph.nodes[static_cast<std::size_t>(producer[factor])];
      const char* const activation = activation_of(function);
      if (activation == nullptr || function.inputs[0] != node.inputs[1 - side]) continue;
      if (!known_dims(graph, function.inputs[0]) || !known_dims(graph, node.outputs[0])) continue;
      Node fused = node;
      become_unary(fused, activation);
      fused.inputs = {function.inputs[0]};
      if (!has_kernel(graph, fused, backend)) continue;
      node = std::move(fused);
      has_changed = true;
      break;
    }
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
