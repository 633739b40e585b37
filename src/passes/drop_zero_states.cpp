// LSTM(x, w, r, b, -, h, c) of h and c that ConstantOfShape fills with 0   =>   LSTM(x, w, r, b)
//
// Likewise GRU and RNN: an absent initial state is zero. h may pass through Slice, Squeeze,
// Unsqueeze, Reshape, Transpose and Expand. Does not fire on states that are stored (in another
// member they may not be zero).

#include <algorithm>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

class ZeroFinder {
 public:
  explicit ZeroFinder(const Graph& graph) : graph_(graph), producer_(producers(graph)) {}

  bool is_zero(ValueId id) const {
    while (id != kAbsent && producer_[static_cast<std::size_t>(id)] >= 0) {
      const auto from = static_cast<std::size_t>(producer_[static_cast<std::size_t>(id)]);
      const Node& node = graph_.nodes[from];
      if (node.is("ConstantOfShape")) return fills_zero(node);
      if (!moves_elements(node)) return false;
      id = node.inputs[0];
    }
    return false;
  }

 private:
  static bool fills_zero(const Node& node) {
    const Attribute* value = node.attributes.find("value");
    if (value == nullptr) return true;
    const auto* tensor = std::get_if<Tensor>(&value->value);
    if (tensor == nullptr || !tensor->has_data()) return false;
    const Tensor whole = tensor->materialised();
    return std::all_of(whole.raw().begin(), whole.raw().end(),
                       [](std::byte byte) { return byte == std::byte{0}; });
  }

  static bool moves_elements(const Node& node) {
    return node.is("Slice") || node.is("Squeeze") || node.is("Unsqueeze") || node.is("Reshape") ||
           node.is("Transpose") || node.is("Expand");
  }

  const Graph& graph_;
  std::vector<int> producer_;
};

}  // namespace

bool drop_zero_states(Model& model) {
  Graph& graph = model.graph;
  const ZeroFinder finder(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    const std::size_t last = node.is("LSTM") ? 6 : node.is("GRU") || node.is("RNN") ? 5 : 0;
    for (std::size_t slot = 5; slot <= last; ++slot) {
      if (!finder.is_zero(node.input(slot))) continue;
      node.inputs[slot] = kAbsent;
      has_changed = true;
    }
    while (last > 0 && node.inputs.back() == kAbsent)
      node.inputs.pop_back();
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
