// Pad(x, [0,0,2, 0,0,0]) -> Conv {pads: 0, 0}   =>   Conv {pads: 2, 0}(x)
//
// Some exporters write the padding of a causal convolution apart. Does not fire when other values
// than 0 are padded, along the batch or the channels, when something is cut off, when the padded
// value has other readers, with auto_pad, nor before opset 11 (pads were attributes).

#include <algorithm>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

// The pads along the spatial axes, all begins before all ends.
std::optional<Ints> spatial_pads(const Graph& graph, const Node& pad) {
  const auto pads = constant_ints(graph, pad.input(1));
  if (!pads || pad.input(3) != kAbsent || pads->size() < 6) return std::nullopt;
  if (pad.attributes.get_string("mode", "constant") != "constant") return std::nullopt;
  if (pad.input(2) != kAbsent && constant_scalar(graph, pad.inputs[2]) != 0.0) return std::nullopt;
  const std::size_t rank = pads->size() / 2;
  Ints spatial;
  for (std::size_t i = 0; i < pads->size(); ++i) {
    const bool is_spatial = i % rank >= 2;
    if ((*pads)[i] < 0 || (!is_spatial && (*pads)[i] != 0)) return std::nullopt;
    if (is_spatial) spatial.push_back((*pads)[i]);
  }
  return spatial;
}

}  // namespace

bool pad_convolutions(Model& model) {
  if (model.opset() < 11) return false;
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  const std::vector<int> producer = producers(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Conv") || readers[static_cast<std::size_t>(node.inputs[0])] != 1) continue;
    if (node.attributes.get_string("auto_pad", "NOTSET") != "NOTSET") continue;
    const Node* pad = producer_of(graph, producer, node.inputs[0], "Pad");
    const auto added = pad != nullptr ? spatial_pads(graph, *pad) : std::nullopt;
    if (!added) continue;
    Ints pads = node.attributes.get_ints("pads", Ints(added->size(), 0));
    if (pads.size() != added->size()) continue;
    for (std::size_t i = 0; i < pads.size(); ++i)
      pads[i] += (*added)[i];
    node.attributes.set("pads", pads);
    node.inputs[0] = pad->inputs[0];
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
