// LSTM(x, w, r) -> y, h, c of which only y is read   =>   LSTM(x, w, r) -> y
//
// Some exporters name every output that there could be. Does not fire on outputs before one that is
// read, nor on operators where the number of outputs says something.

#include <algorithm>
#include <array>
#include <string_view>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {

bool drop_unread_outputs(Model& model) {
  static constexpr std::array<std::string_view, 5> kOptional = {"GRU", "LSTM", "LayerNormalization",
                                                                "MaxPool", "RNN"};
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.domain.empty() ||
        std::find(kOptional.begin(), kOptional.end(), node.op_type) == kOptional.end()) {
      continue;
    }
    while (node.outputs.size() > 1 &&
           (node.outputs.back() == kAbsent ||
            readers[static_cast<std::size_t>(node.outputs.back())] == 0)) {
      node.outputs.pop_back();
      has_changed = true;
    }
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
