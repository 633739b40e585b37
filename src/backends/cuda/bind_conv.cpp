// ai.braid.Conv, of members or not, with the channels innermost, and Conv as ONNX has it: one
// launch for all members and groups. A kernel of 1x1 that takes every pixel is a matrix product.
// Weights that are constant are packed when they are brought to the device, others in each run.
// Does not apply to three spatial axes.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/choice/choose_kernel.hpp"
#include "backends/cuda/choice/layer_key.hpp"
#include "backends/cuda/epilogue.hpp"
#include "backends/operands.hpp"
#include "backends/window.hpp"
#include "kernels/cuda/conv_members.hpp"
#include "support/operand.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

// Of one member's image, whatever order its axes have.
struct Image {
  std::int64_t images = 1;
  std::int64_t channels = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;

  std::int64_t pixels() const { return rows * columns; }
  std::int64_t size() const { return images * channels * pixels(); }
};

Image channels_last(const Dims& dims) {
  return {dims.front(), dims.back(), dims.size() == 4 ? dims[1] : 1, dims[dims.size() - 2]};
}

Image channels_first(const Dims& dims) {
  return {dims[0], dims[1], dims.size() == 4 ? dims[2] : 1, dims.back()};
}

struct Convolution {
  Image x;
  Image y;
  std::int64_t members = 1;
  std::int64_t groups = 1;  // of a member
  std::int64_t taps = 1;
  bool shares_input = false;
  bool shares_weight = false;

  std::int64_t channels() const { return x.channels / groups; }
  std::int64_t filters() const { return y.channels / groups; }
  bool is_depthwise() const { return groups > 1 && channels() == 1 && filters() == 1; }
  std::int64_t weights() const { return (shares_weight ? 1 : members) * y.channels; }
};

void set_window(const Operator& op, const Convolution& conv, ConvMembersArgs& args) {
  const Dims& weight = op.inputs[1].dims;
  const Dims kernel(weight.begin() + 2, weight.end());
  const bool is_line = kernel.size() == 1;
  const Dims from = is_line ? Dims{conv.x.columns} : Dims{conv.x.rows, conv.x.columns};
  const Dims to = is_line ? Dims{conv.y.columns} : Dims{conv.y.rows, conv.y.columns};
  const WindowSteps steps = window_of(op, kernel, from, to);
  const auto of_row = [&](const Dims& values, std::int64_t absent) {
    return to_int(is_line ? absent : values.front());
  };
  args.rows = to_int(conv.x.rows);
  args.columns = to_int(conv.x.columns);
  args.y_rows = to_int(conv.y.rows);
  args.y_columns = to_int(conv.y.columns);
  args.kernel_rows = of_row(kernel, 1);
  args.kernel_columns = to_int(kernel.back());
  args.row_step = of_row(steps.strides, 1);
  args.column_step = to_int(steps.strides.back());
  args.pad_top = of_row(steps.pads_begin, 0);
  args.pad_left = to_int(steps.pads_begin.back());
  args.row_dilation = of_row(steps.dilations, 1);
  args.column_dilation = to_int(steps.dilations.back());
}

// As packed: [group, tap, channel, filter], or [tap, channel] of each member if depthwise.
void set_weights(const Convolution& conv, ConvMembersArgs& args) {
  const std::int64_t filters = conv.filters();
  const std::int64_t group = conv.taps * conv.channels() * filters;
  args.w_strides = conv.is_depthwise() ? MatrixStrides{group * conv.groups, 1, conv.groups, 1}
                                       : MatrixStrides{group * conv.groups, group, filters, 1};
  if (conv.shares_weight) args.w_strides.member = 0;
}

ConvMembersArgs args_of(const Operator& op, const Convolution& conv) {
  ConvMembersArgs args;
  args.members = to_int(conv.members);
  args.groups = to_int(conv.groups);
  args.channels = to_int(conv.channels());
  args.filters = to_int(conv.filters());
  args.epilogue = epilogue_of(op);
  args.epilogue.bias.strides = {conv.shares_weight ? 0 : conv.y.channels, conv.filters(), 0, 1};
  set_window(op, conv, args);
  set_weights(conv, args);
  return args;
}

ConvMembersArgs channels_last_args(const Operator& op, const Convolution& conv) {
  ConvMembersArgs args = args_of(op, conv);
  const Image& x = conv.x;
  args.images = to_int(x.images);
  args.x_member = conv.shares_input ? 0 : x.size();
  args.x_image = x.pixels() * x.channels;
  args.x_row = x.columns * x.channels;
  args.x_column = x.channels;
  args.x_channel = 1;
  args.y_strides = {conv.y.size(), conv.filters(), conv.y.channels, 1};
  args.epilogue.residual.strides = args.y_strides;
  return args;
}

// The images are the kernel's members: pixels of two images do not lie in one row.
ConvMembersArgs channels_first_args(const Operator& op, const Convolution& conv) {
  ConvMembersArgs args = args_of(op, conv);
  const Image& x = conv.x;
  args.images = 1;
  args.x_member = x.channels * x.pixels();
  args.x_row = x.columns;
  args.x_column = 1;
  args.x_channel = x.pixels();
  args.y_strides = {conv.y.channels * conv.y.pixels(), conv.filters() * conv.y.pixels(), 1,
                    conv.y.pixels()};
  return args;
}

// ---- weights ----

// [groups * filters, channels, taps] as the kernels read it, as axes of a copy.
std::vector<CopyAxis> packing(const Convolution& conv) {
  const std::int64_t filters = conv.filters();
  const std::int64_t taps = conv.taps;
  const std::int64_t members = conv.shares_weight ? 1 : conv.members;
  if (conv.is_depthwise()) {
    return {{members, conv.groups * taps, conv.groups * taps},
            {taps, 1, conv.groups},
            {conv.groups, taps, 1}};
  }
  const std::int64_t channels = conv.channels();
  const std::int64_t group = filters * channels * taps;
  return {{members * conv.groups, group, group},
          {taps, 1, channels * filters},
          {channels, taps, filters},
          {filters, channels * taps, 1}};
}

PackedWeights::Bytes packed(const Convolution& conv, const Tensor& weight, const Target& target) {
  const std::string format =
      "conv " + std::to_string(conv.members) + " " + std::to_string(conv.groups);
  return target.pack(weight, format, weight.bytes(), [&](std::byte* to) {
    const Tensor plain = as_operand(weight);
    copy_on_host(packing(conv), dtype_bytes(weight.dtype(), 1), plain.raw().data(), to);
  });
}

// ---- launches ----

// What all candidates of one convolution share.
struct Binding {
  ConvMembersArgs args;
  Element element = Element::Float;
  std::vector<CopyAxis> packing;
  PackedWeights::Bytes packed;   // null where weights are packed in each run
  std::size_t packed_bytes = 0;  // of the workspace, for these
};

Candidate candidate_of(const ConvForm& form, const Binding& binding, bool is_packed) {
  Candidate candidate{form.name, form.seconds, {}};
  LaunchPlan& plan = candidate.plan;
  if (is_packed) plan.unread = {1};
  plan.workspace_bytes = binding.packed_bytes + form.workspace_bytes;
  plan.add_launches = [binding, is_packed, add = form.add](const BoundKernel::Operands& at,
                                                           LaunchList& list) {
    const auto input = [&](std::size_t i) { return i < at.inputs.size() ? at.inputs[i] : nullptr; };
    ConvMembersArgs own = binding.args;
    own.x = at.inputs[0];
    own.w = is_packed ? binding.packed.get() : at.workspace;
    own.y = at.outputs[0];
    own.epilogue.bias.data = input(kBias);
    own.epilogue.residual.data = input(kSummand);
    if (!is_packed) {
      add_copy(list, at.inputs[1], at.workspace, binding.packing, element_bytes(binding.element));
    }
    add(own, at.workspace + binding.packed_bytes, list);
  };
  return candidate;
}

std::unique_ptr<const BoundKernel> bind(const Operator& op, const Convolution& conv,
                                        const ConvMembersArgs& args, const Target& target) {
  constexpr std::size_t kAlignment = 256;
  const braid::Operand& weight = op.inputs[1];
  const bool is_packed = weight.constant != nullptr;
  Binding binding{args, *element_of(op.inputs[0].dtype), packing(conv), nullptr, 0};
  if (is_packed) {
    binding.packed = packed(conv, *weight.constant, target);
  } else {
    const auto bytes =
        static_cast<std::size_t>(product(weight.dims) * element_bytes(binding.element));
    binding.packed_bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  const Addends addends = addends_of(op);
  std::vector<Candidate> candidates;
  for (const ConvForm& form : conv_forms(args, binding.element, addends, target))
    candidates.push_back(candidate_of(form, binding, is_packed));
  Layer layer = layer_of(args, binding.element, addends, target.rounds_floats);
  if (!is_packed) layer.key += " packed in each run";
  return choose_kernel(op, layer, std::move(candidates), target);
}

bool has_known_rank(const Operator& op) {
  const std::size_t rank = op.inputs[1].dims.size();
  return common_element(op) && (rank == 3 || rank == 4);
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_channels_last_conv(const Operator& op,
                                                           const Target& target) {
  if (op.inputs[1].dims.size() == 5) return bind_volume_conv(op, target);
  if (!has_known_rank(op)) return nullptr;
  const auto rank = static_cast<std::ptrdiff_t>(op.inputs[1].dims.size());
  const auto of_one = [&](const Dims& dims) { return Dims(dims.end() - rank, dims.end()); };
  Convolution conv;
  conv.x = channels_last(of_one(op.inputs[0].dims));
  conv.y = channels_last(of_one(op.outputs[0].dims));
  conv.members = op.attributes.get_int("members", 1);
  conv.shares_input = op.inputs[0].dims.size() < op.outputs[0].dims.size();
  const std::int64_t groups = op.attributes.get_int("group", 1);
  conv.groups = conv.shares_input ? 1 : groups / conv.members;
  conv.taps = product(op.inputs[1].dims, 2, op.inputs[1].dims.size());
  return bind(op, conv, channels_last_args(op, conv), target);
}

std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, const Target& target) {
  if (!has_known_rank(op) || op.inputs[0].dims.size() != op.inputs[1].dims.size()) return nullptr;
  Convolution conv;
  conv.x = channels_first(op.inputs[0].dims);
  conv.y = channels_first(op.outputs[0].dims);
  conv.members = conv.x.images;
  conv.shares_weight = true;
  conv.groups = op.attributes.get_int("group", 1);
  conv.taps = product(op.inputs[1].dims, 2, op.inputs[1].dims.size());
  const Dims& weight = op.inputs[1].dims;
  const bool fits = conv.groups > 0 && conv.y.channels % conv.groups == 0 &&
                    weight[0] == conv.y.channels && weight[1] * conv.groups == conv.x.channels;
  return fits ? bind(op, conv, channels_first_args(op, conv), target) : nullptr;
}

}  // namespace braid::cuda
