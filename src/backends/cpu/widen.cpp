// Op(x, w: float16 | bfloat16) -> y   =>   Op over floats, between conversions in the workspace
//
// For operators whose kernels take no elements of 16 bits. They accumulate in float, and results
// are rounded once. Weights stay as they are in memory and are converted for each run, so that the
// workspace of one step holds the floats of one operator. Does not apply to kernels that need to
// know the values of such an operand.

#include "backends/cpu/widen.hpp"

#include <algorithm>

#include "backends/operands.hpp"
#include "kernels/cpu/narrow.hpp"

namespace braid {
namespace {

// An operand that is converted, and where its floats lie in the workspace.
struct Conversion {
  std::size_t index = 0;
  DType dtype = DType::Undefined;
  std::int64_t count = 0;
  std::size_t offset = 0;
};

class Widened final : public BoundKernel {
 public:
  Widened(std::unique_ptr<const BoundKernel> kernel, const Operator& op)
      : kernel_(std::move(kernel)) {
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
      if (kernel_->reads(i)) add(i, op.inputs[i], inputs_);
    }
    for (std::size_t i = 0; i < op.outputs.size(); ++i)
      add(i, op.outputs[i], outputs_);
  }

  std::string name() const override { return kernel_->name() + " in float"; }
  bool reads(std::size_t input) const override { return kernel_->reads(input); }
  std::size_t workspace_bytes() const override { return bytes_ + kernel_->workspace_bytes(); }
  std::unique_ptr<PreparedCall> prepare(Operands operands) const override;

 private:
  class Call;

  void add(std::size_t index, const Operand& operand, std::vector<Conversion>& conversions) {
    constexpr std::size_t kAlignment = 64;
    if (!is_narrow(operand.dtype)) return;
    const std::int64_t count = product(operand.dims);
    conversions.push_back({index, operand.dtype, count, bytes_});
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
    bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  std::unique_ptr<const BoundKernel> kernel_;
  std::vector<Conversion> inputs_;
  std::vector<Conversion> outputs_;
  std::size_t bytes_ = 0;  // of all conversions; the kernel's own workspace lies behind
};

class Widened::Call final : public PreparedCall {
 public:
  Call(const Widened& kernel, Operands operands)
      : kernel_(kernel), operands_(std::move(operands)), call_(inner_call()) {}

  void run() override {
    for (const Conversion& each : kernel_.inputs_)
      cpu::widen(each.dtype, each.count, operands_.inputs[each.index], floats(each));
    call_->run();
    for (const Conversion& each : kernel_.outputs_)
      cpu::narrow(each.dtype, each.count, floats(each), operands_.outputs[each.index]);
  }

 private:
  float* floats(const Conversion& conversion) const {
    return reinterpret_cast<float*>(operands_.workspace + conversion.offset);
  }

  std::unique_ptr<PreparedCall> inner_call() const {
    Operands inner = operands_;
    for (const Conversion& each : kernel_.inputs_)
      inner.inputs[each.index] = reinterpret_cast<const std::byte*>(floats(each));
    for (const Conversion& each : kernel_.outputs_)
      inner.outputs[each.index] = reinterpret_cast<std::byte*>(floats(each));
    inner.workspace += kernel_.bytes_;
    return kernel_.kernel_->prepare(std::move(inner));
  }

  const Widened& kernel_;
  Operands operands_;
  std::unique_ptr<PreparedCall> call_;
};

std::unique_ptr<PreparedCall> Widened::prepare(Operands operands) const {
  return std::make_unique<Call>(*this, std::move(operands));
}

bool has_narrow(const std::vector<Operand>& operands) {
  return std::any_of(operands.begin(), operands.end(),
                     [](const Operand& operand) { return is_narrow(operand.dtype); });
}

std::vector<Operand> widened(std::vector<Operand> operands) {
  for (Operand& operand : operands) {
    operand.is_overwritable = false;  // the result is made elsewhere
    if (!is_narrow(operand.dtype)) continue;
    operand.dtype = DType::Float32;
    operand.constant = nullptr;
  }
  return operands;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_widened(const Operator& op, Binder binder,
                                                PackedWeights& weights) {
  if (!has_narrow(op.inputs) && !has_narrow(op.outputs)) return nullptr;
  const Operator wide{op.domain,          op.name, op.opset, op.attributes, widened(op.inputs),
                      widened(op.outputs)};
  auto kernel = binder(wide, weights);
  return kernel ? std::make_unique<Widened>(std::move(kernel), op) : nullptr;
}

}  // namespace braid
