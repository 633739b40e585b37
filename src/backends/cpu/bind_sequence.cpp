// CumSum and ReverseSequence.

#include "backends/cpu/bind.hpp"
#include "backends/operands.hpp"
#include "braid/error.hpp"
#include "kernels/cpu/sequence.hpp"

namespace braid {
namespace {

template <class T>
class CumSum final : public PlainKernel {
 public:
  explicit CumSum(const cpu::RunningSum& sum) : sum_(sum) {}

  std::string name() const override { return "cpu scan"; }
  bool reads(std::size_t input) const override { return input == 0; }

  void run(const Operands& operands) const override {
    cpu::cum_sum(sum_, reinterpret_cast<const T*>(operands.inputs[0]),
                 reinterpret_cast<T*>(operands.outputs[0]));
  }

 private:
  cpu::RunningSum sum_;
};

class ReverseSequence final : public PlainKernel {
 public:
  explicit ReverseSequence(const cpu::Sequences& sequences) : sequences_(sequences) {}

  std::string name() const override { return "cpu copy"; }

  void run(const Operands& operands) const override {
    const auto* const lengths = reinterpret_cast<const std::int64_t*>(operands.inputs[1]);
    for (std::int64_t s = 0; s < sequences_.count; ++s) {
      if (lengths[s] < 0 || lengths[s] > sequences_.times)
        throw Error(ErrorKind::BadInput, "a length is beyond its sequence");
    }
    cpu::reverse_sequences(sequences_, lengths, operands.inputs[0], operands.outputs[0]);
  }

 private:
  cpu::Sequences sequences_;
};

}  // namespace

std::unique_ptr<const BoundKernel> bind_cum_sum(const Operator& op, PackedWeights&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const auto stated = constant_ints(op, 1, "");
  if (!stated || stated->size() != 1 || product(dims) == 0 || op.outputs[0].dims != dims)
    return nullptr;
  const auto axis = axis_of((*stated)[0], dims.size());
  if (!axis) return nullptr;
  const cpu::RunningSum sum{
      product(dims, 0, *axis), dims[*axis], product(dims, *axis + 1, dims.size()),
      op.attributes.get_int("exclusive", 0) != 0, op.attributes.get_int("reverse", 0) != 0};
  switch (op.inputs[0].dtype) {
    case DType::Float32:
      return std::make_unique<CumSum<float>>(sum);
    case DType::Float64:
      return std::make_unique<CumSum<double>>(sum);
    case DType::Int32:
      return std::make_unique<CumSum<std::int32_t>>(sum);
    case DType::Int64:
      return std::make_unique<CumSum<std::int64_t>>(sum);
    default:
      return nullptr;
  }
}

std::unique_ptr<const BoundKernel> bind_reverse_sequence(const Operator& op, PackedWeights&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const std::int64_t batch_axis = op.attributes.get_int("batch_axis", 1);
  const std::int64_t time_axis = op.attributes.get_int("time_axis", 0);
  const bool is_usual = (batch_axis == 1 && time_axis == 0) || (batch_axis == 0 && time_axis == 1);
  if (width == 0 || dims.size() < 2 || !is_usual || op.outputs[0].dims != dims) return nullptr;
  cpu::Sequences sequences;
  sequences.count = dims[static_cast<std::size_t>(batch_axis)];
  sequences.times = dims[static_cast<std::size_t>(time_axis)];
  sequences.sequence_step = batch_axis == 0 ? dims[1] : 1;
  sequences.time_step = time_axis == 0 ? dims[1] : 1;
  sequences.bytes = product(dims, 2, dims.size()) * width;
  const bool has_lengths =
      op.inputs[1].dtype == DType::Int64 && op.inputs[1].dims == std::vector{sequences.count};
  return has_lengths ? std::make_unique<ReverseSequence>(sequences) : nullptr;
}

}  // namespace braid
