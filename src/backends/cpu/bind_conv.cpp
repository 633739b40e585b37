// ai.braid.Conv and pooling, with the channels innermost: oneDNN.
//
// Of several members, each is convolved by itself: grouped convolution in oneDNN (2.6) has no fast
// kernels for 1x1 windows, for few channels, nor for strides.

#include <numeric>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/epilogue.hpp"
#include "backends/cpu/onednn.hpp"
#include "backends/cpu/onednn_version.hpp"
#include "backends/window.hpp"

namespace braid {
namespace {

using dnnl::memory;
using onednn::Argument;
using Dims = std::vector<std::int64_t>;

using onednn::kBias;
using onednn::kSummand;

// Dims [n, spatial..., c] as oneDNN counts them, [n, c, spatial...], with the strides that they
// have.
memory::desc channels_last(DType dtype, const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;)
    strides[i - 1] = strides[i] * dims[i];
  Dims logical = {dims.front(), dims.back()};
  Dims steps = {strides.front(), strides.back()};
  logical.insert(logical.end(), dims.begin() + 1, dims.end() - 1);
  steps.insert(steps.end(), strides.begin() + 1, strides.end() - 1);
  return {logical, *onednn::data_type(dtype), steps};
}

double elements_of(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), 1.0, [](double all, std::int64_t dim) {
    return all * static_cast<double>(dim);
  });
}

Dims minus_one(Dims values) {
  for (std::int64_t& value : values)
    --value;
  return values;
}

// [k, c/g, ...] => [g, k/g, c/g, ...]
Dims grouped(Dims weight, std::int64_t groups) {
  if (groups == 1) return weight;
  weight[0] /= groups;
  weight.insert(weight.begin(), groups);
  return weight;
}

std::int64_t members_of(const Operator& op) {
  return op.attributes.get_int("members", 1);
}

// The dims of one member's image: without those of the members, where these are in front.
Dims of_one(const Operand& image, std::size_t rank) {
  return {image.dims.end() - static_cast<std::ptrdiff_t>(rank), image.dims.end()};
}

Dims spatial(const Dims& image) {
  return {image.begin() + 1, image.end() - 1};
}

// One member's convolution.
struct Convolution {
  Dims x;
  Dims y;
  Dims weight;
  std::int64_t groups = 1;
  bool shares_input = false;

  double operations() const {
    return 2 * elements_of(y) * elements_of(weight) / static_cast<double>(weight[0]);
  }
};

Convolution convolution_of(const Operator& op) {
  const std::size_t rank = op.inputs[1].dims.size();
  Convolution result;
  result.x = of_one(op.inputs[0], rank);
  result.y = of_one(op.outputs[0], rank);
  result.weight = op.inputs[1].dims;
  result.weight[0] /= members_of(op);
  result.shares_input = op.inputs[0].dims.size() < op.outputs[0].dims.size();
  const std::int64_t groups = op.attributes.get_int("group", 1);
  result.groups = result.shares_input ? 1 : groups / members_of(op);
  return result;
}

// The members' weights: constants are packed once, what is computed is packed by each run, before
// the products.
Argument weight_argument(onednn::Kernel& kernel, const Operand& weight, std::int64_t members,
                         const memory::desc& from, const memory::desc& to, PackedWeights& weights) {
  using Source = Argument::Source;
  if (weight.constant != nullptr) {
    return {DNNL_ARG_WEIGHTS,
            to,
            Source::Packed,
            0,
            0,
            onednn::pack(*weight.constant, 0, members, from, to, weights)};
  }
  const std::size_t step = onednn::packed_step(to);
  const std::size_t place = kernel.add_workspace(static_cast<std::size_t>(members) * step);
  const dnnl::reorder reorder({onednn::engine(), from, onednn::engine(), to});
  for (std::size_t m = 0; m < static_cast<std::size_t>(members); ++m) {
    kernel.add(reorder, {{DNNL_ARG_FROM, from, Source::Input, 1, m * from.get_size(), nullptr},
                         {DNNL_ARG_TO, to, Source::Workspace, 0, place + m * step, nullptr}});
  }
  return {DNNL_ARG_WEIGHTS, to, Source::Workspace, 0, place, nullptr};
}

using Primitive = dnnl::convolution_forward::primitive_desc;

Primitive describe(const Operator& op, const Convolution& one, const memory::desc& bias) {
  const DType dtype = op.inputs[0].dtype;
  const Dims window(one.weight.begin() + 2, one.weight.end());
  const WindowSteps steps = window_of(op, window, spatial(one.x), spatial(one.y));
  const memory::desc destination = channels_last(dtype, one.y);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(onednn::epilogue_of(op, destination));
  const onednn::Sliding sliding{steps.strides, minus_one(steps.dilations), steps.pads_begin,
                                steps.pads_end};
  return onednn::describe_convolution(channels_last(dtype, one.x),
                                      onednn::any(dtype, grouped(one.weight, one.groups)), bias,
                                      destination, sliding, attributes);
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, PackedWeights& weights) {
  using Source = Argument::Source;
  const DType dtype = op.inputs[0].dtype;
  if (!onednn::data_type(dtype)) return nullptr;
  const Convolution one = convolution_of(op);
  const std::int64_t members = members_of(op);
  // Weights that are computed are packed first, and that by all threads.
  const bool is_packed = op.inputs[1].constant != nullptr;
  const onednn::Schedule schedule =
      is_packed ? onednn::schedule_for(one.operations(), members) : onednn::Schedule::AllThreads;
  const ThreadLimit limit = onednn::limit_for(schedule);
  const memory::desc bias =
      op.has_input(kBias) ? onednn::plain(dtype, {one.y.back()}) : memory::desc();
  const Primitive primitive = describe(op, one, bias);
  auto kernel = std::make_unique<onednn::Kernel>(std::string("onednn ") + primitive.impl_info_str(),
                                                 op.inputs.size(), schedule);
  const memory::desc from = onednn::plain(dtype, grouped(one.weight, one.groups));
  Argument weight =
      weight_argument(*kernel, op.inputs[1], members, from, primitive.weights_desc(), weights);
  if (onednn::sums_in_place(op)) kernel->overwrite(kSummand);
  const dnnl::convolution_forward convolution(primitive);
  for (std::int64_t m = 0; m < members; ++m) {
    const auto member = static_cast<std::size_t>(m);
    const std::size_t x_at = one.shares_input ? 0 : member * primitive.src_desc().get_size();
    const std::size_t y_at = member * primitive.dst_desc().get_size();
    // Of their own, as they may run at the same time.
    const std::size_t scratchpad = kernel->add_workspace(primitive.scratchpad_desc().get_size());
    std::vector<Argument> arguments = {
        {DNNL_ARG_SRC, primitive.src_desc(), Source::Input, 0, x_at, nullptr},
        {DNNL_ARG_DST, primitive.dst_desc(), Source::Output, 0, y_at, nullptr},
        {DNNL_ARG_SCRATCHPAD, primitive.scratchpad_desc(), Source::Workspace, 0, scratchpad,
         nullptr},
        weight};
    weight.offset += onednn::packed_step(primitive.weights_desc());
    if (op.has_input(kBias)) {
      arguments.push_back(
          {DNNL_ARG_BIAS, bias, Source::Input, kBias, member * bias.get_size(), nullptr});
    }
    if (op.has_input(kSummand) && !onednn::sums_in_place(op)) {
      arguments.push_back(
          {onednn::kSummandArgument, primitive.dst_desc(), Source::Input, kSummand, y_at, nullptr});
    }
    kernel->add(convolution, std::move(arguments));
  }
  return kernel;
}

namespace {

dnnl::algorithm pooling_of(const Operator& op) {
  if (op.name == "MaxPool" || op.name == "GlobalMaxPool") return dnnl::algorithm::pooling_max;
  const bool counts_padding = op.attributes.get_int("count_include_pad", 0) != 0;
  return counts_padding ? dnnl::algorithm::pooling_avg_include_padding
                        : dnnl::algorithm::pooling_avg_exclude_padding;
}

// Members are as good as a batch.
Dims as_batch(const Operand& image, std::int64_t members) {
  if (members == 1) return image.dims;
  Dims dims(image.dims.begin() + 1, image.dims.end());
  dims[0] *= members;
  return dims;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, PackedWeights& /*weights*/) {
  using Source = Argument::Source;
  const DType dtype = op.inputs[0].dtype;
  if (!onednn::data_type(dtype)) return nullptr;
  const Dims x = as_batch(op.inputs[0], members_of(op));
  const Dims y = as_batch(op.outputs[0], members_of(op));
  const bool is_global = op.name.starts_with("Global");
  const Dims window = is_global ? spatial(x) : op.attributes.get_ints("kernel_shape", spatial(x));
  const WindowSteps steps = window_of(op, window, spatial(x), spatial(y));
  const onednn::Schedule schedule = onednn::schedule_for(elements_of(y) * elements_of(window));
  const ThreadLimit limit = onednn::limit_for(schedule);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::pooling_forward::primitive_desc primitive = onednn::describe_pooling(
      pooling_of(op), channels_last(dtype, x), channels_last(dtype, y), steps.kernel,
      {steps.strides, {}, steps.pads_begin, steps.pads_end}, attributes);
  auto kernel = std::make_unique<onednn::Kernel>(std::string("onednn ") + primitive.impl_info_str(),
                                                 op.inputs.size(), schedule);
  const std::size_t scratchpad = kernel->add_workspace(primitive.scratchpad_desc().get_size());
  kernel->add(dnnl::pooling_forward(primitive),
              {{DNNL_ARG_SRC, primitive.src_desc(), Source::Input, 0, 0, nullptr},
               {DNNL_ARG_DST, primitive.dst_desc(), Source::Output, 0, 0, nullptr},
               {DNNL_ARG_SCRATCHPAD, primitive.scratchpad_desc(), Source::Workspace, 0, scratchpad,
                nullptr}});
  return kernel;
}

}  // namespace braid
