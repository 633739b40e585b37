#include "backends/resize_mixtures.hpp"

#include "braid/error.hpp"
#include "support/operand.hpp"

namespace braid {

std::optional<std::vector<Mixtures>> resize_mixtures_of(const Operator& op) {
  std::vector<Tensor> inputs;
  for (const Operand& operand : op.inputs) {
    if (inputs.empty()) {
      inputs.push_back(Tensor::weightless(operand.dtype, operand.dims));
    } else if (operand.is_absent()) {
      inputs.emplace_back();
    } else if (operand.constant == nullptr) {
      return std::nullopt;
    } else {
      inputs.push_back(as_operand(*operand.constant));
    }
  }
  try {
    return reference::resize_mixtures(KernelCall(op.name, op.opset, op.attributes, inputs, {}));
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_kept(const Mixtures& mixtures, std::int64_t size) {
  if (static_cast<std::int64_t>(mixtures.size()) != size) return false;
  for (std::int64_t i = 0; i < size; ++i) {
    const reference::Mixture& mixture = mixtures[static_cast<std::size_t>(i)];
    if (mixture.outside || mixture.taps.size() != 1 || mixture.taps[0].index != i) return false;
  }
  return true;
}

}  // namespace braid
