// Normalisations of rows (LayerNormalization and its kin, and those of members) and of groups of
// channels (GroupNormalization and its kin), where nothing but Y is asked for; Softmax and
// LogSoftmax.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/normalise.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

const void* input(const BoundKernel::Operands& at, std::size_t i) {
  return i < at.inputs.size() ? at.inputs[i] : nullptr;
}

void* output(const BoundKernel::Operands& at, std::size_t i) {
  return i < at.outputs.size() ? at.outputs[i] : nullptr;
}

bool has_output(const Operator& op, std::size_t i) {
  return i < op.outputs.size() && !op.outputs[i].is_absent();
}

// Rows from the axis on; nothing if a parameter among the inputs `first` to `last` is not as long.
std::optional<NormaliseRowsArgs> rows_of(const Operator& op, std::size_t first, std::size_t last) {
  const Dims& dims = op.inputs[0].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", -1), dims.size());
  if (!axis || !common_element(op)) return std::nullopt;
  const std::int64_t length = product(dims, *axis, dims.size());
  for (std::size_t i = first; i <= last; ++i) {
    if (op.has_input(i) && product(op.inputs[i].dims) != length) return std::nullopt;
  }
  NormaliseRowsArgs args;
  args.rows = args.rows_per_member = to_int(product(dims, 0, *axis));
  args.length = to_int(length);
  args.epsilon = op.attributes.get_float("epsilon", 1e-5F);
  return args;
}

// `channels` of a group.
std::unique_ptr<const BoundKernel> bind_groups(const Operator& op, std::int64_t groups) {
  const auto element = common_element(op);
  const Dims& dims = op.inputs[0].dims;
  if (!element || dims.size() < 2 || op.inputs.size() != 3) return nullptr;
  if (groups < 1 || dims[1] % groups != 0) return nullptr;
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    if (op.inputs[i].dims != Dims{dims[1]}) return nullptr;
  }
  NormaliseGroupsArgs args;
  const std::int64_t pixels = product(dims, 2, dims.size());
  args.image_stride = dims[1] * pixels;
  args.channel_stride = pixels;
  args.pixel_stride = 1;
  args.images = args.images_per_member = to_int(dims[0]);
  args.groups = to_int(groups);
  args.channels = to_int(dims[1] / groups);
  args.pixels = to_int(pixels);
  args.epsilon = op.attributes.get_float("epsilon", 1e-5F);
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    NormaliseGroupsArgs own = args;
    own.x = at.inputs[0];
    own.scale = at.inputs[1];
    own.bias = at.inputs[2];
    own.y = at.outputs[0];
    const Launch launch = launch_normalise_groups(own, *element);
    list.add(launch, own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_layer_normalization(const Operator& op, const Target&) {
  auto args = rows_of(op, 1, 2);
  if (!args || has_output(op, 1) || has_output(op, 2)) return nullptr;
  args->is_centred = op.name == "LayerNormalization";
  const Element element = *common_element(op);
  const auto add = [args = *args, element](const BoundKernel::Operands& at, LaunchList& list) {
    NormaliseRowsArgs own = args;
    own.x = at.inputs[0];
    own.scale = input(at, 1);
    own.bias = input(at, 2);
    own.y = at.outputs[0];
    list.add(launch_normalise_rows(own, element), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_member_normalization(const Operator& op, const Target&) {
  const Dims& dims = op.inputs[0].dims;
  const auto element = common_element(op);
  if (!element || dims.size() < 2) return nullptr;
  NormaliseRowsArgs args;
  args.rows = to_int(product(dims, 0, dims.size() - 1));
  args.rows_per_member = to_int(product(dims, 1, dims.size() - 1));
  args.length = to_int(dims.back());
  args.scale_member = args.bias_member = dims.back();
  args.epsilon = op.attributes.get_float("epsilon", 1e-5F);
  args.is_centred = op.name == "LayerNormalization";
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    NormaliseRowsArgs own = args;
    own.x = at.inputs[0];
    own.scale = at.inputs[1];
    own.bias = input(at, 2);
    own.y = at.outputs[0];
    list.add(launch_normalise_rows(own, *element), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_skip_layer_normalization(const Operator& op,
                                                                 const Target&) {
  const auto args = rows_of(op, 2, 4);
  if (!args || op.inputs[1].dims != op.inputs[0].dims) return nullptr;
  const Element element = *common_element(op);
  const auto add = [args = *args, element](const BoundKernel::Operands& at, LaunchList& list) {
    NormaliseRowsArgs own = args;
    own.x = at.inputs[0];
    own.residual = at.inputs[1];
    own.scale = at.inputs[2];
    own.bias = input(at, 3);
    own.addend = input(at, 4);
    own.y = at.outputs[0];
    own.sum = output(at, 1);
    list.add(launch_normalise_rows(own, element), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_instance_normalization(const Operator& op, const Target&) {
  return bind_groups(op, op.inputs[0].dims.size() < 2 ? 0 : op.inputs[0].dims[1]);
}

std::unique_ptr<const BoundKernel> bind_group_normalization(const Operator& op, const Target&) {
  return bind_groups(op, op.attributes.get_int("num_groups", 0));
}

// Before opset 13 all dims from the axis on made up one row.
std::unique_ptr<const BoundKernel> bind_softmax(const Operator& op, const Target&) {
  const Dims& dims = op.inputs[0].dims;
  const bool is_flattened = op.opset < 13;
  const auto element = common_element(op);
  const auto axis = axis_of(op.attributes.get_int("axis", is_flattened ? 1 : -1), dims.size());
  if (!axis || !element) return nullptr;
  SoftmaxArgs args;
  args.outer = to_int(product(dims, 0, *axis));
  args.length = to_int(is_flattened ? product(dims, *axis, dims.size()) : dims[*axis]);
  args.inner = is_flattened ? 1 : to_int(product(dims, *axis + 1, dims.size()));
  args.is_log = op.name == "LogSoftmax";
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    SoftmaxArgs own = args;
    own.x = at.inputs[0];
    own.y = at.outputs[0];
    list.add(launch_softmax(own, *element), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
