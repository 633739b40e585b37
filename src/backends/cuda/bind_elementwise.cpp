// Operators that compute each element of their output from one element of each input, and what
// fuse_elementwise() makes of chains of them: one launch, one pass over memory. Floats of 16 bits
// are computed in float and rounded once; operands may be floats of different types.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/elementwise_operators.hpp"
#include "braid/graph.hpp"

namespace braid::cuda {
namespace {

std::vector<ChainValue> inputs_of(ChainBuilder& builder, const Operator& op) {
  std::vector<ChainValue> values;
  for (std::size_t i = 0; i < op.inputs.size(); ++i)
    values.push_back(builder.input(i));
  return values;
}

std::unique_ptr<const BoundKernel> finish(ChainBuilder& builder, const Operator& op,
                                          const std::optional<ChainValue>& result) {
  if (!result) return nullptr;
  const DType stored = op.outputs[0].dtype;
  const bool are_floats = is_computed_in_float(result->dtype) && is_computed_in_float(stored);
  if (result->dtype != stored && !are_floats) return nullptr;
  if (!are_floats || !op.attributes.has(kFiniteLimit)) return builder.finish(*result);
  return builder.finish(
      builder.emit(ChainOp::KeepFinite, {*result}, {op.attributes.get_float(kFiniteLimit, 0)}));
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_elementwise(const Operator& op, const Target&) {
  ChainBuilder builder(op);
  const auto result = emit_operator(builder, op.name, op.attributes, inputs_of(builder, op));
  return finish(builder, op, result);
}

std::unique_ptr<const BoundKernel> bind_elementwise_chain(const Operator& op, const Target&) {
  const Attribute* attribute = op.attributes.find("body");
  if (attribute == nullptr) return nullptr;
  const Graph& body = *std::get<GraphPtr>(attribute->value);
  ChainBuilder builder(op);
  const std::vector<ChainValue> inputs = inputs_of(builder, op);
  std::vector<ChainValue> values(body.values.size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    values[static_cast<std::size_t>(body.inputs[i])] = inputs[i];
  for (const Node& node : body.nodes) {
    std::vector<ChainValue> read;
    for (const ValueId id : node.inputs)
      read.push_back(id == kAbsent ? ChainValue{} : values[static_cast<std::size_t>(id)]);
    const auto result = emit_operator(builder, node.op_type, node.attributes, read);
    if (!result) return nullptr;
    values[static_cast<std::size_t>(node.outputs[0])] = *result;
  }
  return finish(builder, op, values[static_cast<std::size_t>(body.outputs[0])]);
}

// y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel.
std::unique_ptr<const BoundKernel> bind_batch_normalization(const Operator& op, const Target&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const bool is_inference = op.attributes.get_int("training_mode", 0) == 0 &&
                            op.attributes.get_int("spatial", 1) == 1 && op.opset >= 7;
  constexpr std::size_t kOperands = 5;
  if (!is_inference || dims.size() < 2 || op.inputs.size() != kOperands || op.outputs.size() != 1)
    return nullptr;
  Operator by_channel{op.domain, op.name, op.opset, op.attributes, op.inputs, op.outputs};
  for (std::size_t i = 1; i < kOperands; ++i) {
    braid::Operand& operand = by_channel.inputs[i];
    if (!is_computed_in_float(operand.dtype) || operand.dims != std::vector{dims[1]})
      return nullptr;
    operand.dims.resize(dims.size() - 1, 1);
  }
  ChainBuilder builder(by_channel);
  const std::vector<ChainValue> in = inputs_of(builder, by_channel);
  const ChainValue variance =
      builder.emit(ChainOp::Affine, {in[4]}, {1.0F, op.attributes.get_float("epsilon", 1e-5F)});
  const ChainValue deviation = builder.emit(ChainOp::Sqrt, {variance});
  const ChainValue centred = builder.emit(ChainOp::Sub, {in[0], in[3]});
  const ChainValue normal = builder.emit(ChainOp::Div, {centred, deviation});
  const ChainValue scaled = builder.emit(ChainOp::Mul, {normal, in[1]});
  return finish(builder, by_channel, builder.emit(ChainOp::Add, {scaled, in[2]}));
}

}  // namespace braid::cuda
