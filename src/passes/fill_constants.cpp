// Expand(c[], shape)   =>   ConstantOfShape {value: c}(shape)     where c is a constant
//
// Exporters make zero states either way. Does not fire on constants of more elements, whose rank
// the shape may lack, nor of a type that ConstantOfShape had not always.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

bool is_fill(const Graph& graph, const Node& node) {
  if (!node.is("Expand") || graph.is_input(node.inputs[0])) return false;
  const Tensor& constant = graph.value(node.inputs[0]).constant;
  if (!constant.has_data() || constant.size() != 1) return false;
  const DType dtype = constant.dtype();
  if (dtype != DType::Float32 && dtype != DType::Int64 && dtype != DType::Bool) return false;
  const Shape* target = shape_of(graph, node.inputs[1]);
  return target != nullptr && target->size() == 1 && (*target)[0].is_known() &&
         (*target)[0].size >= constant.rank();
}

}  // namespace

bool fill_constants(Model& model) {
  if (model.opset() < 9) return false;  // there was no ConstantOfShape
  Graph& graph = model.graph;
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!is_fill(graph, node)) continue;
    node.op_type = "ConstantOfShape";
    node.attributes.set("value", graph.value(node.inputs[0]).constant.materialised().reshaped({1}));
    node.inputs = {node.inputs[1]};
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
