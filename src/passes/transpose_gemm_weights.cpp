// Gemm {transB: 1}(a, w[n,k])   =>   Gemm(a, w'[k,n]), w' streams w transposed
//
// Exporters store the weight of a linear layer either way; as MatMul reads it, it is one weight.
// Does not fire when w is computed or has other readers (both w and w' would be stored).

#include "ir/rewrite.hpp"
#include "ir/transpose.hpp"
#include "passes/passes.hpp"

namespace braid {

bool transpose_gemm_weights(Model& model) {
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    if (!node.is("Gemm") || node.attributes.get_int("transB", 0) == 0) continue;
    const ValueId weight = node.input(1);
    if (weight == kAbsent || !graph.value(weight).is_constant() || graph.is_input(weight)) continue;
    if (readers[static_cast<std::size_t>(weight)] != 1) continue;
    if (graph.value(weight).constant.rank() != 2) continue;
    auto turned = transposed(graph.value(weight).constant, {1, 0});
    if (!turned) continue;
    set_constant(graph.value(weight), std::move(*turned));
    node.attributes.erase("transB");
    has_changed = true;
  }
  return has_changed;
}

}  // namespace braid
