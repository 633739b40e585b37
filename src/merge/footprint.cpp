#include "merge/footprint.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ir/traverse.hpp"

namespace braid {
namespace {

class Counter {
 public:
  Counter(const Graph& graph, const std::map<std::string, std::int64_t>& dims)
      : graph_(graph), dims_(dims), last_reader_(graph.values.size(), 0) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      for (const ValueId id : read_values(graph, graph.nodes[n]))
        last_reader_[static_cast<std::size_t>(id)] = n;
    }
    for (const ValueId id : graph.outputs)
      last_reader_[static_cast<std::size_t>(id)] = graph.nodes.size();
  }

  Footprint run() {
    for (const Value& value : graph_.values) {
      if (value.is_constant()) result_.weights += value.constant.bytes();
    }
    std::uint64_t live = 0;
    for (const ValueId id : graph_.inputs)
      live += bytes(id);
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      for (const ValueId id : node.outputs) {
        if (id != kAbsent) live += bytes(id);
      }
      result_.activations = std::max(result_.activations, live);
      for (const ValueId id : dying(n))
        live -= std::min(live, bytes(id));
      if (is_view(node)) continue;
      ++result_.launches;
      for (const std::vector<ValueId>* ports : {&node.inputs, &node.outputs}) {
        for (const ValueId id : *ports)
          result_.bytes_moved += id == kAbsent ? 0 : bytes(id);
      }
    }
    return result_;
  }

 private:
  // Runtimes need not move anything for these.
  static bool is_view(const Node& node) {
    static constexpr std::array<std::string_view, 7> kViews = {
        "Constant", "Flatten", "Identity", "Reshape", "Shape", "Squeeze", "Unsqueeze"};
    return node.domain.empty() &&
           std::find(kViews.begin(), kViews.end(), node.op_type) != kViews.end();
  }

  std::uint64_t bytes(ValueId id) const {
    const Value& value = graph_.value(id);
    if (value.is_constant()) return value.constant.bytes();
    if (!value.type.shape) return 0;
    std::vector<std::int64_t> dims;
    for (const Dim& dim : *value.type.shape) {
      const auto named = dims_.find(dim.symbol);
      dims.push_back(dim.is_known() ? dim.size : named != dims_.end() ? named->second : 1);
    }
    return Tensor::weightless(value.type.dtype, std::move(dims)).bytes();
  }

  std::vector<ValueId> dying(std::size_t n) const {
    std::vector<ValueId> result;
    for (const ValueId id : read_values(graph_, graph_.nodes[n])) {
      if (graph_.value(id).is_constant() || last_reader_[static_cast<std::size_t>(id)] != n)
        continue;
      if (std::find(result.begin(), result.end(), id) == result.end()) result.push_back(id);
    }
    return result;
  }

  const Graph& graph_;
  const std::map<std::string, std::int64_t>& dims_;
  std::vector<std::size_t> last_reader_;
  Footprint result_;
};

}  // namespace

Footprint footprint_of(const Graph& graph, const std::map<std::string, std::int64_t>& dims) {
  return Counter(graph, dims).run();
}

}  // namespace braid
