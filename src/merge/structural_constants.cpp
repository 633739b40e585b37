#include <algorithm>
#include <array>
#include <string_view>

#include "ir/rewrite.hpp"
#include "merge/align.hpp"

namespace braid {
namespace {

// Inputs that say where and how much, not what: from `first` to `last`.
struct StructuralSlots {
  std::string_view op;
  std::size_t first;
  std::size_t last;
};

constexpr std::size_t kRest = 99;
constexpr std::array<StructuralSlots, 34> kStructural{{
    {"AffineGrid", 1, 1},
    {"CenterCropPad", 1, 1},
    {"Col2Im", 1, 2},
    {"Compress", 1, 1},
    {"ConstantOfShape", 0, 0},
    {"CumSum", 1, 1},
    {"DFT", 1, 2},
    {"Expand", 1, 1},
    {"MaxUnpool", 2, 2},
    {"OneHot", 1, 1},
    {"Pad", 1, 1},
    {"Pad", 3, 3},
    {"Range", 0, 2},
    {"ReduceL1", 1, 1},
    {"ReduceL2", 1, 1},
    {"ReduceLogSum", 1, 1},
    {"ReduceLogSumExp", 1, 1},
    {"ReduceMax", 1, 1},
    {"ReduceMean", 1, 1},
    {"ReduceMin", 1, 1},
    {"ReduceProd", 1, 1},
    {"ReduceSum", 1, 1},
    {"ReduceSumSquare", 1, 1},
    {"Reshape", 1, 1},
    {"Resize", 1, 3},
    {"Slice", 1, 4},
    {"Split", 1, 1},
    {"SplitToSequence", 1, 1},
    {"Squeeze", 1, 1},
    {"Tile", 1, 1},
    {"TopK", 1, 1},
    {"Trilu", 1, 1},
    {"Unsqueeze", 1, 1},
    {"Upsample", 1, 1},
}};

}  // namespace

bool is_structural_input(const Node& node, std::size_t input) {
  return std::any_of(kStructural.begin(), kStructural.end(), [&](const StructuralSlots& slots) {
    return node.is(slots.op) && slots.first <= input && input <= slots.last;
  });
}

std::vector<bool> structural_constants(const Graph& graph) {
  // Backwards from the structural slots through all that computes them. Shape and Size end the
  // walk: they read only how large a tensor is.
  std::vector<bool> is_structural(graph.values.size(), false);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool feeds_structure = std::any_of(
        node->outputs.begin(), node->outputs.end(),
        [&](ValueId id) { return id != kAbsent && is_structural[static_cast<std::size_t>(id)]; });
    const auto mark = [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i <= last && i < node->inputs.size(); ++i) {
        if (node->inputs[i] != kAbsent)
          is_structural[static_cast<std::size_t>(node->inputs[i])] = true;
      }
    };
    if (feeds_structure && !node->is("Shape") && !node->is("Size")) mark(0, kRest);
    for (const StructuralSlots& slots : kStructural) {
      if (node->is(slots.op)) mark(slots.first, slots.last);
    }
  }
  return is_structural;
}

}  // namespace braid
