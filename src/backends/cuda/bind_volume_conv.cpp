// ai.braid.Conv over three spatial axes, and ConvTranspose over up to three: matrix products from
// or to columns, which hold for each place of the kernel what it reads or writes. Does not apply to
// weights that are computed.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/epilogue.hpp"
#include "backends/operands.hpp"
#include "backends/window.hpp"
#include "kernels/cuda/columns.hpp"
#include "support/operand.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

// Spatial axes of the image that columns are of, of the places of the kernel, and the strides of
// the image.
void set_axes(const WindowSteps& steps, const Dims& image, const Dims& places, const Dims& strides,
              ColumnsArgs& args) {
  for (std::size_t i = 0; i < image.size(); ++i) {
    ColumnAxis& axis = args.axes[image.size() - 1 - i];
    axis.size = to_int(image[i]);
    axis.places = to_int(places[i]);
    axis.kernel = to_int(steps.kernel[i]);
    axis.step = to_int(steps.strides[i]);
    axis.dilation = to_int(steps.dilations[i]);
    axis.pad = static_cast<int>(steps.pads_begin[i]);
    axis.stride = strides[i];
  }
}

Dims spatial(const Dims& dims, std::size_t first) {
  return {dims.begin() + static_cast<std::ptrdiff_t>(first),
          dims.begin() + static_cast<std::ptrdiff_t>(first) + 3};
}

PackedWeights::Bytes pack(const Tensor& weight, const std::string& format,
                          const std::vector<CopyAxis>& axes, const Target& target) {
  return target.pack(weight, format, weight.bytes(), [&](std::byte* to) {
    copy_on_host(axes, dtype_bytes(weight.dtype(), 1), as_operand(weight).raw().data(), to);
  });
}

// A launch that makes columns, and the product that reads them; or the other way round.
struct ByColumns {
  ColumnsArgs columns;
  GemmMembersArgs product;
  Element element = Element::Float;
  std::size_t workspace = 0;
};

std::size_t workspace_of(const ColumnsArgs& args, std::int64_t places, std::int64_t taps,
                         Element element) {
  return static_cast<std::size_t>(args.images * places * args.groups * taps * args.channels *
                                  element_bytes(element));
}

ByColumns volume_conv(const Operator& op, Element element) {
  const Dims& weight = op.inputs[1].dims;
  const std::int64_t members = op.attributes.get_int("members", 1);
  const bool shares_input = op.inputs[0].dims.size() < op.outputs[0].dims.size();
  const Dims x(op.inputs[0].dims.end() - 5, op.inputs[0].dims.end());
  const Dims y(op.outputs[0].dims.end() - 5, op.outputs[0].dims.end());
  const std::int64_t groups = shares_input ? 1 : op.attributes.get_int("group", 1) / members;
  const std::int64_t taps = product(weight, 2, 5);
  const std::int64_t channels = x[4] / groups;
  const std::int64_t filters = y[4] / groups;
  const std::int64_t places = product(y, 1, 4);
  const std::int64_t depth = taps * channels;
  ByColumns result;
  result.element = element;
  ColumnsArgs& columns = result.columns;
  const WindowSteps steps = window_of(op, spatial(weight, 2), spatial(x, 1), spatial(y, 1));
  set_axes(steps, spatial(x, 1), spatial(y, 1), spatial(strides_of(x), 1), columns);
  columns.image = strides_of(x)[0];
  columns.images = to_int((shares_input ? 1 : members) * x[0]);
  columns.groups = to_int(groups);
  columns.channels = to_int(channels);
  result.workspace = workspace_of(columns, places, taps, element);
  GemmMembersArgs& product = result.product;
  const std::int64_t rows = x[0] * places;
  product.members = to_int(members);
  product.batches = to_int(groups);
  product.rows = to_int(rows);
  product.columns = to_int(filters);
  product.depth = to_int(depth);
  product.a.strides = {shares_input ? 0 : rows * groups * depth, depth, groups * depth, 1};
  product.b.strides = {groups * depth * filters, depth * filters, filters, 1};
  product.y_strides = {rows * y[4], filters, y[4], 1};
  product.epilogue = epilogue_of(op);
  product.epilogue.bias.strides = {y[4], filters, 0, 1};
  product.epilogue.residual.strides = product.y_strides;
  return result;
}

// [groups of all members, filters, channels, taps] => [groups, taps, channels, filters]
std::vector<CopyAxis> conv_packing(const Dims& weight, std::int64_t filters) {
  const std::int64_t channels = weight[1];
  const std::int64_t taps = product(weight, 2, weight.size());
  const std::int64_t group = filters * channels * taps;
  return {{weight[0] / filters, group, group},
          {taps, 1, channels * filters},
          {channels, taps, filters},
          {filters, channels * taps, 1}};
}

// Places are the pixels of x, the image is y.
ByColumns transposed_conv(const Operator& op, Element element, std::int64_t groups) {
  const Dims& x = op.inputs[0].dims;
  const Dims& y = op.outputs[0].dims;
  const Dims& weight = op.inputs[1].dims;
  const std::int64_t taps = product(weight, 2, weight.size());
  const std::int64_t channels = x[1] / groups;
  const std::int64_t filters = weight[1];
  const std::int64_t places = product(x, 2, x.size());
  const std::int64_t width = taps * filters;
  const auto tail = [](const Dims& dims) { return Dims(dims.begin() + 2, dims.end()); };
  ByColumns result;
  result.element = element;
  ColumnsArgs& columns = result.columns;
  const WindowSteps steps = window_of(op, tail(weight), tail(y), tail(x));
  set_axes(steps, tail(y), tail(x), tail(strides_of(y)), columns);
  columns.image = strides_of(y)[0];
  columns.channel = strides_of(y)[1];
  columns.images = columns.images_per_member = to_int(x[0]);
  columns.groups = to_int(groups);
  columns.channels = to_int(filters);
  result.workspace = workspace_of(columns, places, taps, element);
  GemmMembersArgs& product = result.product;
  product.members = to_int(x[0]);
  product.batches = to_int(groups);
  product.rows = to_int(places);
  product.columns = to_int(width);
  product.depth = to_int(channels);
  product.a.strides = {x[1] * places, channels * places, 1, places};
  product.b.strides = {0, channels * width, width, 1};
  product.y_strides = {places * groups * width, width, groups * width, 1};
  return result;
}

// [channels of all groups, filters, taps] => [channels, taps, filters]
std::vector<CopyAxis> transposed_packing(const Dims& weight) {
  const std::int64_t taps = product(weight, 2, weight.size());
  return {
      {weight[0], weight[1] * taps, weight[1] * taps}, {taps, 1, weight[1]}, {weight[1], taps, 1}};
}

const std::byte* input(const BoundKernel::Operands& at, std::size_t i) {
  return i < at.inputs.size() ? at.inputs[i] : nullptr;
}

// That pads are told, not what size the output has: this is known.
bool has_plain_pads(const Operator& op) {
  return op.attributes.get_string("auto_pad", "NOTSET") == "NOTSET" &&
         !op.attributes.has("output_shape");
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_volume_conv(const Operator& op, const Target& target) {
  const auto element = common_element(op);
  const Tensor* const weight = op.inputs[1].constant;
  if (!element || weight == nullptr) return nullptr;
  const ByColumns plan = volume_conv(op, *element);
  const auto packed = pack(*weight, "volumes " + std::to_string(plan.product.columns),
                           conv_packing(weight->dims(), plan.product.columns), target);
  const auto add = [=, choice = target.choice()](const BoundKernel::Operands& at,
                                                 LaunchList& list) {
    ColumnsArgs columns = plan.columns;
    columns.from = at.inputs[0];
    columns.to = at.workspace;
    list.add(launch_gather_columns(columns, plan.element), columns);
    GemmMembersArgs product = plan.product;
    product.a.data = at.workspace;
    product.b.data = packed.get();
    product.y = at.outputs[0];
    product.epilogue.bias.data = input(at, kBias);
    product.epilogue.residual.data = input(at, kSummand);
    const GemmTile tile = choice.tile_for(product, plan.element);
    list.add(launch_gemm_members(product, plan.element, tile), product);
  };
  return make_launch_kernel({add, {1}, plan.workspace}, op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_conv_transpose(const Operator& op, const Target& target) {
  const auto element = common_element(op);
  const Tensor* const weight = op.inputs[1].constant;
  const std::size_t rank = op.inputs[0].dims.size();
  const std::int64_t groups = op.attributes.get_int("group", 1);
  const bool fits = element && weight != nullptr && rank >= 3 && rank <= 2 + kColumnAxes &&
                    has_plain_pads(op) && groups > 0 &&
                    op.outputs[0].dims[1] == groups * weight->dims()[1] &&
                    op.inputs[0].dims[1] == weight->dims()[0];
  if (!fits) return nullptr;
  const ByColumns plan = transposed_conv(op, *element, groups);
  const auto packed = pack(*weight, "transposed", transposed_packing(weight->dims()), target);
  const auto add = [=, choice = target.choice()](const BoundKernel::Operands& at,
                                                 LaunchList& list) {
    GemmMembersArgs product = plan.product;
    product.a.data = at.inputs[0];
    product.b.data = packed.get();
    product.y = at.workspace;
    const GemmTile tile = choice.tile_for(product, plan.element);
    list.add(launch_gemm_members(product, plan.element, tile), product);
    ColumnsArgs columns = plan.columns;
    columns.from = at.workspace;
    columns.to = at.outputs[0];
    columns.bias = input(at, kBias);
    list.add(launch_sum_columns(columns, plan.element), columns);
  };
  return make_launch_kernel({add, {1}, plan.workspace}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
