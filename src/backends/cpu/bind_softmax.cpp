// Softmax and LogSoftmax along any axis. Before opset 13 all dims from the axis on made up one row.

#include <numeric>

#include "backends/cpu/bind.hpp"
#include "kernels/cpu/softmax.hpp"

namespace braid {
namespace {

using Function = void (*)(const cpu::SoftmaxSize& size, const float* x, float* y);

class SoftmaxKernel final : public PlainKernel {
 public:
  SoftmaxKernel(Function function, cpu::SoftmaxSize size) : function_(function), size_(size) {}

  std::string name() const override {
    return function_ == cpu::log_softmax ? "log_softmax" : "softmax";
  }

  void run(const Operands& operands) const override {
    function_(size_, reinterpret_cast<const float*>(operands.inputs[0]),
              reinterpret_cast<float*>(operands.outputs[0]));
  }

 private:
  Function function_;
  cpu::SoftmaxSize size_;
};

cpu::SoftmaxSize size_of(const Operator& op) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const bool is_flattened = op.opset < 13;
  auto axis = op.attributes.get_int("axis", is_flattened ? 1 : -1);
  if (axis < 0) axis += static_cast<std::int64_t>(dims.size());
  const auto product = [](auto first, auto last) {
    return std::accumulate(first, last, std::int64_t{1}, std::multiplies<>());
  };
  const auto at = dims.begin() + axis;
  if (is_flattened) return {product(dims.begin(), at), product(at, dims.end()), 1};
  return {product(dims.begin(), at), *at, product(at + 1, dims.end())};
}

std::unique_ptr<const BoundKernel> bind(Function function, const Operator& op) {
  const bool is_scalar = op.inputs[0].dims.empty();
  if (is_scalar || op.inputs[0].dtype != DType::Float32) return nullptr;
  return std::make_unique<SoftmaxKernel>(function, size_of(op));
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_softmax(const Operator& op, PackedWeights& /*weights*/) {
  return bind(cpu::softmax, op);
}

std::unique_ptr<const BoundKernel> bind_log_softmax(const Operator& op,
                                                    PackedWeights& /*weights*/) {
  return bind(cpu::log_softmax, op);
}

}  // namespace braid
