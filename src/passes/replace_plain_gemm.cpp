// Gemm(x, w)   =>   MatMul(x, w)
//
// Exporters write a product without bias either way. Does not fire with a bias, a factor or a
// transposed operand, nor before opset 9 on what MatMul did not take.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {

bool replace_plain_gemm(Model& model) {
  if (model.opset() < 9) return false;
  bool has_changed = false;
  for (Node& node : model.graph.nodes) {
    if (!node.is("Gemm") || node.input(2) != kAbsent) continue;
    if (node.attributes.get_float("alpha", 1) != 1 || node.attributes.get_int("transA", 0) != 0 ||
        node.attributes.get_int("transB", 0) != 0) {
      continue;
    }
    node.op_type = "MatMul";
    node.inputs.resize(2);
    node.attributes = {};
    has_changed = true;
  }
  return has_changed;
}

}  // namespace braid
