#include "plan/fuse/fuse.hpp"

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

Operand operand_of(const Graph& graph, ValueId id) {
  if (id == kAbsent) return {};
  const Value& value = graph.value(id);
  const Tensor* constant = value.is_constant() ? &value.constant : nullptr;
  return {value.type.dtype, *known_dims(graph, id), constant};
}

}  // namespace

bool has_kernel(const Graph& graph, const Node& node, const Backend& backend) {
  Operator op{node.domain, node.op_type, 0, node.attributes, {}, {}};
  for (const ValueId id : node.inputs)
    op.inputs.push_back(operand_of(graph, id));
  for (const ValueId id : node.outputs)
    op.outputs.push_back(operand_of(graph, id));
  PackedWeights weights(PackedWeights::Mode::Ask);
  return backend.bind(op, weights) != nullptr;
}

void fuse_operators(Model& model, const Backend& backend) {
  fuse_gelu_of_any_opset(model);
  fuse_activations(model, backend);
  fuse_normalization(model, backend);  // before layouts: means may be spelled as pooling
  fuse_member_scales(model, backend);
  lay_out_channels_last(model);
  fuse_attention(model, backend);                 // before its products take epilogues
  fuse_epilogues(model, backend);                 // before sums and activations go elsewhere
  fuse_skip_layer_normalization(model, backend);  // before its sum goes elsewhere
  fuse_elementwise(model, backend);
}

}  // namespace braid
