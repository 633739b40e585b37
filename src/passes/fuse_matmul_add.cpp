// MatMul(x[m,k], w[k,n]) -> Add(bias[n])   =>   Gemm(x, w, bias)
//
// Exporters write a linear layer on rows either way. Does not fire on other ranks, when the product
// has other readers, nor when the bias is not a constant with one value for each output.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

// One value for each column of the product, or one for all: broadcast by Gemm as by Add.
bool is_bias(const Graph& graph, ValueId id, const Shape& product) {
  if (id == kAbsent || !graph.value(id).is_constant() || graph.is_input(id)) return false;
  const auto& dims = graph.value(id).constant.dims();
  if (dims.empty() || dims.size() > 2 || (dims.size() == 2 && dims[0] != 1)) return false;
  return dims.back() == 1 || (product[1].is_known() && product[1].size == dims.back());
}

bool is_row_product(const Graph& graph, const Node& node) {
  return node.is("MatMul") && rank_of(graph, node.input(0)) == 2 &&
         rank_of(graph, node.input(1)) == 2 && rank_of(graph, node.output(0)) == 2 &&
         is_float(graph.value(node.outputs[0]).type.dtype);
}

}  // namespace

bool fuse_matmul_add(Model& model) {
  if (model.opset() < 7) return false;  // Gemm's bias was broadcast by an attribute
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  const std::vector<int> producer = producers(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Add")) continue;
    for (const std::size_t side : {0U, 1U}) {
      const ValueId product = node.input(side);
      const ValueId bias = node.input(1 - side);
      if (product == kAbsent || readers[static_cast<std::size_t>(product)] != 1) continue;
      const int from = producer[static_cast<std::size_t>(product)];
      if (from < 0) continue;
      const Node& matmul = graph.nodes[static_cast<std::size_t>(from)];
      if (!is_row_product(graph, matmul) || !is_bias(graph, bias, *shape_of(graph, product))) {
        continue;
      }
      node.op_type = "Gemm";
      node.inputs = {matmul.inputs[0], matmul.inputs[1], bias};
      has_changed = true;
      break;
    }
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
