// Add(x[b,17,32], c[1,17,32])        =>   Add(x, c[17,32])       likewise every operator that
// Mul(x[b,4], c[1])                  =>   Mul(x, c[])            broadcasts, and the slope of PRelu
// PRelu(x[b,8,4,4], slope[1,8,1,1])  =>   PRelu(x, slope[8,1,1])
//
// Leading axes of size 1 say nothing where another operand has them. Does not fire where no
// computed operand is certain to have the constant's rank, nor on large constants with other
// readers.

#include <algorithm>
#include <array>
#include <string_view>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

constexpr std::array<std::string_view, 23> kBroadcasting = {
    "Add",     "And",  "BitwiseAnd", "BitwiseOr",      "BitwiseXor", "Div",         "Equal",
    "Greater", "Less", "Max",        "GreaterOrEqual", "Mean",       "LessOrEqual", "Min",
    "Mod",     "Mul",  "Or",         "PRelu",          "Pow",        "Sub",         "Sum",
    "Xor",     "Where"};

bool is_broadcast(const Node& node, std::size_t slot) {
  if (!node.domain.empty() || (node.is("PRelu") && slot == 0)) return false;
  return std::find(kBroadcasting.begin(), kBroadcasting.end(), node.op_type) != kBroadcasting.end();
}

int rank_of_computed(const Graph& graph, const Node& node) {
  int rank = -1;
  for (const ValueId id : node.inputs) {
    if (id != kAbsent && !graph.value(id).is_constant())
      rank = std::max(rank, rank_of(graph, id).value_or(-1));
  }
  return rank;
}

// The constant without its leading axes of size 1; empty if it has none or needs them.
std::optional<Tensor> trimmed(const Tensor& constant, int rank) {
  if (!constant || constant.rank() > rank) return std::nullopt;
  const auto& dims = constant.dims();
  const auto first = std::find_if(dims.begin(), dims.end(), [](auto dim) { return dim != 1; });
  if (first == dims.begin()) return std::nullopt;
  return constant.reshaped({first, dims.end()});
}

}  // namespace

bool trim_broadcast_constants(Model& model) {
  if (model.opset() < 8) return false;  // before, not all of them broadcast
  constexpr std::size_t kSmall = 1 << 10;
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  NameSource names(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    const int rank = rank_of_computed(graph, node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kAbsent || !is_broadcast(node, i) || graph.is_input(id)) continue;
      auto constant = trimmed(graph.value(id).constant, rank);
      if (!constant) continue;
      if (readers[static_cast<std::size_t>(id)] == 1) {
        set_constant(graph.value(id), std::move(*constant));
      } else if (constant->bytes() <= kSmall) {
        node.inputs[i] = graph.add_constant(names.unique(graph.value(id).name + "_trimmed"),
                                            std::move(*constant));
      } else {
        continue;
      }
      has_changed = true;
    }
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
