// Pad, of elements of any type, and ConstantOfShape as a padding of nothing. Does not apply where
// pads or the value are computed.

#include <algorithm>
#include <cstring>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "backends/pads.hpp"
#include "kernels/cuda/copy.hpp"
#include "support/operand.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

std::optional<PadMode> mode_of(const Operator& op) {
  const std::string mode = op.attributes.get_string("mode", "constant");
  if (mode == "constant") return PadMode::Constant;
  if (mode == "edge") return PadMode::Edge;
  if (mode == "reflect") return PadMode::Reflect;
  if (mode == "wrap") return PadMode::Wrap;
  return std::nullopt;
}

std::uint64_t bits_of(const Tensor& number) {
  std::uint64_t bits = 0;
  const Tensor plain = as_operand(number);
  std::memcpy(&bits, plain.raw().data(), plain.bytes());
  return bits;
}

// Nothing if it is computed.
std::optional<std::uint64_t> value_of(const Operator& op) {
  constexpr std::size_t kValue = 2;
  if (op.attributes.get_float("value", 0.0F) != 0.0F) return std::nullopt;  // before opset 11
  if (!op.has_input(kValue)) return 0;
  const braid::Operand& value = op.inputs[kValue];
  const bool is_known =
      value.constant != nullptr && value.dtype == op.inputs[0].dtype && product(value.dims) == 1;
  return is_known ? std::optional(bits_of(*value.constant)) : std::nullopt;
}

// What a border holds must exist: the part of an axis that is not cut off.
bool has_middle(const Dims& dims, const Dims& before, const Dims& padded) {
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const std::int64_t after = padded[d] - dims[d] - before[d];
    if (before[d] < 0 || after < 0 || dims[d] == 0) return false;
  }
  return true;
}

void set_axes(const Dims& from, const Dims& to, const Dims& before, PadArgs& args) {
  const Dims strides = strides_of(from);
  args.axes = static_cast<int>(from.size());
  for (std::size_t d = 0; d < from.size(); ++d) {
    const std::size_t axis = from.size() - 1 - d;
    args.sizes[axis] = fast_divisor(to_int(to[d]));
    args.before[axis] = static_cast<int>(before[d]);
    args.from_sizes[axis] = to_int(from[d]);
    args.from_strides[axis] = strides[d];
  }
}

// Of the inputs, the first `read` are read at run time.
std::unique_ptr<const BoundKernel> bind(const Operator& op, const PadArgs& args, std::size_t read) {
  LaunchPlan plan;
  for (std::size_t i = read; i < op.inputs.size(); ++i)
    plan.unread.push_back(i);
  plan.add_launches = [args](const BoundKernel::Operands& at, LaunchList& list) {
    PadArgs own = args;
    own.from = at.inputs.empty() ? nullptr : at.inputs[0];
    own.to = at.outputs[0];
    list.add(launch_pad(own), own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_pad(const Operator& op, const Target&) {
  const Dims& dims = op.inputs[0].dims;
  const auto mode = mode_of(op);
  const auto pads = pads_of(op);
  const auto value = value_of(op);
  const std::int64_t width = element_width(op.inputs[0].dtype);
  if (!mode || !pads || !value || width == 0 || op.outputs[0].dtype != op.inputs[0].dtype)
    return nullptr;
  const Dims& padded = op.outputs[0].dims;
  if (*mode != PadMode::Constant && !has_middle(dims, pads->before, padded)) return nullptr;
  if (dims.empty() || dims.size() > kCopyAxes || product(padded) == 0) return nullptr;
  PadArgs args;
  args.count = to_int(product(padded));
  args.width = static_cast<int>(width);
  args.value = *value;
  args.mode = *mode;
  set_axes(dims, padded, pads->before, args);
  return bind(op, args, 1);
}

std::unique_ptr<const BoundKernel> bind_constant_of_shape(const Operator& op, const Target&) {
  const std::int64_t count = product(op.outputs[0].dims);
  const std::int64_t width = element_width(op.outputs[0].dtype);
  if (width == 0 || count == 0) return nullptr;
  PadArgs args;
  args.count = to_int(count);
  args.width = static_cast<int>(width);
  if (const Attribute* value = op.attributes.find("value")) {
    const Tensor* const tensor = std::get_if<Tensor>(&value->value);
    if (tensor == nullptr || !tensor->has_data() || tensor->size() != 1) return nullptr;
    args.value = bits_of(*tensor);
  }
  set_axes({0}, {count}, {0}, args);
  return bind(op, args, 0);
}

}  // namespace braid::cuda
