// Operators that compute each element of their output from one element of each input, and what
// fuse_elementwise() makes of chains of them: programs for kernels/cpu/elementwise.hpp. Of float16
// and bfloat16 they are computed in float and rounded once.

#include "backends/cpu/bind.hpp"
#include "backends/cpu/elementwise_operators.hpp"
#include "backends/operands.hpp"
#include "braid/graph.hpp"

namespace braid {
namespace {

std::vector<ElementwiseValue> inputs_of(ElementwiseBuilder& builder, const Operator& op) {
  std::vector<ElementwiseValue> values;
  for (std::size_t i = 0; i < op.inputs.size(); ++i)
    values.push_back(builder.input(i, op.inputs[i]));
  return values;
}

std::unique_ptr<const BoundKernel> finish(ElementwiseBuilder& builder, const Operator& op,
                                          const std::optional<ElementwiseValue>& result,
                                          std::string name) {
  const DType dtype = op.outputs[0].dtype;
  const bool is_rounded = is_narrow(dtype) && result && result->dtype == DType::Float32;
  if (!result || (result->dtype != dtype && !is_rounded)) return nullptr;
  return builder.finish(*result, op.inputs, op.outputs[0], std::move(name));
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_elementwise(const Operator& op,
                                                    PackedWeights& /*weights*/) {
  ElementwiseBuilder builder;
  const auto result = emit_operator(builder, op.name, op.attributes, inputs_of(builder, op));
  return finish(builder, op, result, "elementwise");
}

std::unique_ptr<const BoundKernel> bind_elementwise_chain(const Operator& op,
                                                          PackedWeights& /*weights*/) {
  const Attribute* attribute = op.attributes.find("body");
  if (attribute == nullptr) return nullptr;
  const Graph& body = *std::get<GraphPtr>(attribute->value);
  ElementwiseBuilder builder;
  const std::vector<ElementwiseValue> inputs = inputs_of(builder, op);
  std::vector<ElementwiseValue> values(body.values.size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    values[static_cast<std::size_t>(body.inputs[i])] = inputs[i];
  std::string name = "elementwise";
  for (const Node& node : body.nodes) {
    std::vector<ElementwiseValue> read;
    for (const ValueId id : node.inputs)
      read.push_back(id == kAbsent ? ElementwiseValue{} : values[static_cast<std::size_t>(id)]);
    const auto result = emit_operator(builder, node.op_type, node.attributes, read);
    if (!result) return nullptr;
    values[static_cast<std::size_t>(node.outputs[0])] = *result;
    name += " " + node.op_type;
  }
  return finish(builder, op, values[static_cast<std::size_t>(body.outputs[0])], name);
}

}  // namespace braid
