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

constexpr std::array kStructural = std::to_array<StructuralSlots>({
    {"AffineGrid", 1, 1},
    {"BlackmanWindow", 0, 0},
    {"CenterCropPad", 1, 1},
    {"Col2Im", 1, 2},
    {"Compress", 1, 1},
    {"ConstantOfShape", 0, 0},
    {"CumProd", 1, 1},
    {"CumSum", 1, 1},
    {"DFT", 1, 2},
    {"Dropout", 2, 2},
    {"Expand", 1, 1},
    {"HammingWindow", 0, 0},
    {"HannWindow", 0, 0},
    {"Loop", 0, 1},
    {"MaxUnpool", 2, 2},
    {"MelWeightMatrix", 0, 1},
    {"NonMaxSuppression", 2, 2},
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
    {"STFT", 1, 1},
    {"STFT", 3, 3},
    {"SequenceAt", 1, 1},
    {"SequenceErase", 1, 1},
    {"SequenceInsert", 2, 2},
    {"Slice", 1, 4},
    {"Split", 1, 1},
    {"SplitToSequence", 1, 1},
    {"Squeeze", 1, 1},
    {"Tile", 1, 1},
    {"TopK", 1, 1},
    {"Trilu", 1, 1},
    {"Unsqueeze", 1, 1},
    {"Upsample", 1, 1},
});

}  // namespace

bool sets_structure(const Node& node, std::size_t input) {
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
    const bool passes_on = feeds_structure && !node->is("Shape") && !node->is("Size");
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      const ValueId id = node->inputs[i];
      if (id != kAbsent && (passes_on || sets_structure(*node, i))) {
        is_structural[static_cast<std::size_t>(id)] = true;
      }
    }
  }
  return is_structural;
}

}  // namespace braid
