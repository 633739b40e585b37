// Cast {int64}(x) -> CumSum -> Cast {int32} -> y of x in int32   =>   CumSum(x) -> y
//
// Some exporters sum positions in int64 and narrow the result. The same modulo 2^32. Does not fire
// on other types.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

bool has_type(const Graph& graph, ValueId id, DType dtype) {
  return id != kAbsent && graph.value(id).type.dtype == dtype;
}

}  // namespace

bool narrow_sums(Model& model) {
  Graph& graph = model.graph;
  const std::vector<int> producer = producers(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Cast") || !has_type(graph, node.output(0), DType::Int32)) continue;
    const Node* sum = producer_of(graph, producer, node.input(0), "CumSum");
    if (sum == nullptr || !has_type(graph, sum->output(0), DType::Int64)) continue;
    const Node* widened = producer_of(graph, producer, sum->input(0), "Cast");
    if (widened == nullptr || !has_type(graph, widened->input(0), DType::Int32)) continue;
    node.op_type = "CumSum";
    node.inputs = {widened->inputs[0], sum->inputs[1]};
    node.attributes = sum->attributes;
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
