#include "backends/cuda/chain_builder.hpp"

#include <algorithm>

#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

bool is_integer(const braid::Operand& operand) {
  return !operand.is_absent() && operand.dtype != DType::Bool &&
         !is_computed_in_float(operand.dtype);
}

}  // namespace

bool is_computed_in_float(DType dtype) {
  return element_of(dtype).has_value();
}

ChainBuilder::ChainBuilder(const Operator& op, bool has_integers)
    : op_(op),
      has_integers_(has_integers || std::ranges::any_of(op.inputs, is_integer) ||
                    std::ranges::any_of(op.outputs, is_integer)) {}

ChainValue ChainBuilder::add(Source source, DType dtype, const Tensor* constant) {
  sources_.push_back(std::move(source));
  return {dtype, constant, static_cast<int>(sources_.size()) - 1};
}

ChainValue ChainBuilder::view(std::size_t index, std::vector<std::int64_t> strides,
                              std::int64_t first) {
  const braid::Operand& operand = op_.inputs[index];
  const auto stored = stored_of(operand.dtype);
  is_computable_ = is_computable_ && stored && sources_.size() < kChainInputs;
  if (!is_computable_) return {operand.dtype, operand.constant, 0};
  return add({index, nullptr, *stored, std::move(strides), first * element_width(operand.dtype)},
             operand.dtype, operand.constant);
}

ChainValue ChainBuilder::input(std::size_t index) {
  if (op_.inputs[index].is_absent()) return {};
  const auto strides = broadcast_strides(op_.inputs[index].dims, op_.outputs[0].dims);
  is_computable_ = is_computable_ && strides;
  return view(index, strides.value_or(std::vector<std::int64_t>()));
}

ChainValue ChainBuilder::place(std::vector<std::int64_t> strides) {
  return add({std::nullopt, nullptr, Stored::Place, std::move(strides)}, DType::Int64, nullptr);
}

ChainValue ChainBuilder::number(std::int64_t value, Gpu& gpu) {
  return add({std::nullopt, upload(gpu, std::as_bytes(std::span(&value, 1))), Stored::Int64,
              std::vector<std::int64_t>(op_.outputs[0].dims.size(), 0)},
             DType::Int64, nullptr);
}

ChainValue ChainBuilder::emit(ChainOp op, const std::vector<ChainValue>& from,
                              ElementwiseParameters parameters, DType result) {
  if (result == DType::Undefined) result = from[0].dtype;
  ChainStep step{op, from[0].number, -1, -1, parameters.a, parameters.b};
  if (from.size() > 1) step.y = from[1].number;
  if (from.size() > 2) step.z = from[2].number;
  const bool is_of_floats = op < ChainOp::Mod || op >= ChainOp::PRelu;
  step.is_float = has_integers_ && is_of_floats && is_computed_in_float(from[0].dtype);
  steps_.push_back(step);
  return {result, nullptr, kChainInputs + static_cast<int>(steps_.size()) - 1};
}

// Operands that turned out to be known, such as the bounds of a Clip.
void ChainBuilder::drop_unread() {
  std::vector<Source> read;
  std::vector<int> numbers(sources_.size(), -1);
  for (ChainStep& step : steps_) {
    for (int* const number : {&step.x, &step.y, &step.z}) {
      if (*number < 0 || *number >= kChainInputs) continue;
      const auto source = static_cast<std::size_t>(*number);
      if (numbers[source] < 0) {
        numbers[source] = static_cast<int>(read.size());
        read.push_back(sources_[source]);
      }
      *number = numbers[source];
    }
  }
  sources_ = std::move(read);
}

LaunchPlan ChainBuilder::plan_of(const ChainArgs& args) const {
  LaunchPlan plan;
  for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
    const bool is_read =
        std::ranges::any_of(sources_, [&](const Source& source) { return source.operand == i; });
    if (!is_read) plan.unread.push_back(i);
  }
  plan.add_launches = [args, sources = sources_](const BoundKernel::Operands& at,
                                                 LaunchList& list) {
    ChainArgs own = args;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Source& source = sources[i];
      own.inputs[i].data =
          source.operand ? at.inputs[*source.operand] + source.first : source.bytes.get();
    }
    own.y = at.outputs[0];
    own.bad = at.failure;
    list.add(launch_chain(own), own);
  };
  return plan;
}

std::unique_ptr<const BoundKernel> ChainBuilder::finish(const ChainValue& result) {
  const auto stored = stored_of(op_.outputs[0].dtype);
  if (!is_computable_ || !stored) return nullptr;
  const bool is_last = result.number == kChainInputs + static_cast<int>(steps_.size()) - 1;
  if (steps_.empty() || !is_last) emit(ChainOp::Load, {result});
  drop_unread();
  ChainArgs args;
  args.stored = *stored;
  args.is_integer = has_integers_;
  std::vector<std::vector<std::int64_t>> strides;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    args.inputs[i].stored = sources_[i].stored;
    strides.push_back(sources_[i].strides);
  }
  if (!compile_chain(steps_, args) || !shape_chain(op_.outputs[0].dims, strides, args))
    return nullptr;
  return make_launch_kernel(plan_of(args), op_.inputs.size(), op_.outputs.size());
}

}  // namespace braid::cuda
