// Reshape(x[b,4,16,8]) [-1,16,8] -> Transpose {perm: 0, 2, 1} -> Reshape [-1,4,8,16] -> y
//                                                     =>   Transpose {perm: 0, 1, 3, 2}(x) -> y
//
// Exporters to which a transposition has three axes join the leading ones before it and split them
// after it. Does not fire when a value between has other readers, nor when the leading dims of x
// and y are not certain to be the same.

#include <algorithm>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"
#include "passes/reshape_target.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

class BatchFinder {
 public:
  explicit BatchFinder(const Graph& graph)
      : graph_(graph), readers_(reader_counts(graph)), producer_(producers(graph)) {}

  // Fills in what the node, the last Reshape, is the Transpose of, and how.
  bool find(const Node& node, ValueId& source, Ints& perm) const {
    if (!node.is("Reshape")) return false;
    const Node* transpose = part(node.inputs[0], "Transpose");
    const Node* first = transpose ? part(transpose->inputs[0], "Reshape") : nullptr;
    if (first == nullptr) return false;
    const Shape* from = shape_of(graph_, first->inputs[0]);
    const Shape* joined = shape_of(graph_, transpose->inputs[0]);
    const Shape* to = shape_of(graph_, node.outputs[0]);
    const Ints inner = transpose->attributes.get_ints("perm");
    if (from == nullptr || joined == nullptr || to == nullptr || inner.empty() || inner[0] != 0)
      return false;
    if (from->size() != to->size() || from->size() <= joined->size()) return false;
    const std::size_t lead = from->size() - joined->size() + 1;
    perm.clear();
    for (std::size_t i = 0; i < lead; ++i)
      perm.push_back(static_cast<std::int64_t>(i));
    for (std::size_t i = 1; i < inner.size(); ++i)
      perm.push_back(inner[i] + static_cast<std::int64_t>(lead) - 1);
    source = first->inputs[0];
    return keeps_last(*from, *joined, lead) && is_permuted(*from, *to, perm);
  }

 private:
  const Node* part(ValueId id, std::string_view op) const {
    if (id == kAbsent || readers_[static_cast<std::size_t>(id)] != 1) return nullptr;
    return producer_of(graph_, producer_, id, op);
  }

  // All dims behind the `lead` joined ones; a 0 among them would leave the joined one open.
  static bool keeps_last(const Shape& from, const Shape& joined, std::size_t lead) {
    for (std::size_t i = 1; i < joined.size(); ++i) {
      const Dim& dim = joined[i];
      if (!dim.is_known() || dim.size == 0 || !dim.same_as(from[lead + i - 1])) return false;
    }
    return true;
  }

  static bool is_permuted(const Shape& from, const Shape& to, const Ints& perm) {
    for (std::size_t i = 0; i < perm.size(); ++i) {
      if (!is_same_dim(from, static_cast<std::size_t>(perm[i]), to, i)) return false;
    }
    return true;
  }

  const Graph& graph_;
  std::vector<int> readers_;
  std::vector<int> producer_;
};

}  // namespace

bool unbatch_transposes(Model& model) {
  Graph& graph = model.graph;
  const BatchFinder finder(graph);
  bool has_changed = false;
  ValueId source = kAbsent;
  Ints perm;
  for (Node& node : graph.nodes) {
    if (!finder.find(node, source, perm)) continue;
    node.op_type = "Transpose";
    node.inputs = {source};
    node.attributes = {};
    node.attributes.set("perm", perm);
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
