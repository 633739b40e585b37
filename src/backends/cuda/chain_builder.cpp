#include "backends/cuda/chain_builder.hpp"

#include <algorithm>

#include "backends/cuda/bind_arguments.hpp"

namespace braid::cuda {
namespace {

std::optional<Stored> stored_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return Stored::Float;
    case DType::Float16:
      return Stored::Half;
    case DType::BFloat16:
      return Stored::BFloat16;
    case DType::Int32:
      return Stored::Int32;
    case DType::Int64:
      return Stored::Int64;
    case DType::Int8:
      return Stored::Int8;
    case DType::UInt8:
      return Stored::UInt8;
    case DType::Bool:
      return Stored::Bool;
    default:
      return std::nullopt;
  }
}

bool is_integer(const braid::Operand& operand) {
  return !operand.is_absent() && operand.dtype != DType::Bool &&
         !is_computed_in_float(operand.dtype);
}

}  // namespace

bool is_computed_in_float(DType dtype) {
  return element_of(dtype).has_value();
}

ChainBuilder::ChainBuilder(const Operator& op)
    : has_integers_(std::ranges::any_of(op.inputs, is_integer) ||
                    std::ranges::any_of(op.outputs, is_integer)) {}

ChainValue ChainBuilder::input(std::size_t index, const braid::Operand& operand) const {
  return {operand.dtype, operand.constant, -1, index};
}

int ChainBuilder::number_of(const ChainValue& value) {
  if (value.number >= 0) return value.number;
  const auto found = std::ranges::find(read_, value.input);
  if (found == read_.end()) {
    read_.push_back(value.input);
    return static_cast<int>(read_.size()) - 1;
  }
  return static_cast<int>(found - read_.begin());
}

ChainValue ChainBuilder::emit(ChainOp op, const std::vector<ChainValue>& from,
                              ChainParameters parameters, DType result) {
  if (result == DType::Undefined) result = from[0].dtype;
  ChainStep step{op, number_of(from[0]), -1, -1, parameters.a, parameters.b};
  if (from.size() > 1) step.y = number_of(from[1]);
  if (from.size() > 2) step.z = number_of(from[2]);
  step.is_float = has_integers_ && is_computed_in_float(from[0].dtype);
  steps_.push_back(step);
  return {result, nullptr, kChainInputs + static_cast<int>(steps_.size()) - 1, 0};
}

bool ChainBuilder::set_types(const Operator& op, ChainArgs& args) const {
  const auto stored = stored_of(op.outputs[0].dtype);
  if (!stored) return false;
  args.stored = *stored;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const auto from = stored_of(op.inputs[read_[i]].dtype);
    if (!from) return false;
    args.inputs[i].stored = *from;
  }
  args.is_integer = has_integers_;
  return true;
}

std::unique_ptr<const BoundKernel> ChainBuilder::finish(const ChainValue& result,
                                                        const Operator& op) {
  const bool is_last = result.number == kChainInputs + static_cast<int>(steps_.size()) - 1;
  if (steps_.empty() || !is_last) emit(ChainOp::Load, {result});
  if (read_.size() > kChainInputs) return nullptr;
  const std::vector<std::int64_t>& dims = op.outputs[0].dims;
  std::vector<std::vector<std::int64_t>> strides;
  for (const std::size_t input : read_) {
    const auto own = broadcast_strides(op.inputs[input].dims, dims);
    if (!own) return nullptr;
    strides.push_back(*own);
  }
  ChainArgs args;
  if (!set_types(op, args) || !compile_chain(steps_, args) || !shape_chain(dims, strides, args))
    return nullptr;
  LaunchPlan plan;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (std::ranges::find(read_, i) == read_.end()) plan.unread.push_back(i);
  }
  plan.add_launches = [args, read = read_](const BoundKernel::Operands& at, LaunchList& list) {
    ChainArgs own = args;
    for (std::size_t i = 0; i < read.size(); ++i)
      own.inputs[i].data = at.inputs[read[i]];
    own.y = at.outputs[0];
    own.bad = at.failure;
    list.add(launch_chain(own), own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
