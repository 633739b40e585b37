#include "plan/fuse/fuse.hpp"

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"
#include "plan/halve/halve_floats.hpp"

namespace braid {
namespace {

// False if the dims of a value are not known; no kernel is bound then.
bool add_operands(const Graph& graph, const std::vector<ValueId>& ids,
                  std::vector<Operand>& operands) {
  for (const ValueId id : ids) {
    Operand& operand = operands.emplace_back();
    if (id == kAbsent) continue;
    const Value& value = graph.value(id);
    const auto dims = known_dims(graph, id);
    if (!dims) return false;
    operand.dtype = value.type.dtype;
    operand.dims = *dims;
    operand.constant = value.is_constant() ? &value.constant : nullptr;
  }
  return true;
}

}  // namespace

bool has_kernel(const Graph& graph, const Node& node, const Backend& backend, std::int64_t opset) {
  Operator op{node.domain, node.op_type, opset, node.attributes, {}, {}};
  if (!add_operands(graph, node.inputs, op.inputs)) return false;
  if (!add_operands(graph, node.outputs, op.outputs)) return false;
  PackedWeights weights(PackedWeights::Mode::Ask);
  return backend.bind(op, weights) != nullptr;
}

void fuse_operators(Model& model, const Backend& backend, PackedWeights& weights) {
  fuse_gelu_of_any_opset(model);
  fuse_activations(model, backend);
  fuse_normalization(model, backend);  // before layouts: means may be spelled as pooling
  fuse_member_scales(model, backend);
  lay_out_channels_last(model);
  fuse_attention(model, backend);                 // before its products take epilogues
  fuse_epilogues(model, backend);                 // before sums and activations go elsewhere
  fuse_skip_layer_normalization(model, backend);  // before its sum goes elsewhere
  halve_floats(model, backend, weights);          // elementwise operators take conversions in
  fuse_elementwise(model, backend);
}

}  // namespace braid
