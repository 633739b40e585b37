// ai.braid.Conv and pooling, with the channels innermost: oneDNN.

#include <numeric>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/epilogue.hpp"
#include "backends/cpu/onednn.hpp"
#include "backends/cpu/window.hpp"

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

Dims spatial(const Operand& operand) {
  return {operand.dims.begin() + 1, operand.dims.end() - 1};
}

Dims minus_one(Dims values) {
  for (std::int64_t& value : values)
    --value;
  return values;
}

Argument input(int id, const memory::desc& layout, std::size_t index) {
  return {id, layout, Argument::Source::Input, index, 0, nullptr};
}

Argument output(const memory::desc& layout) {
  return {DNNL_ARG_DST, layout, Argument::Source::Output, 0, 0, nullptr};
}

Argument scratchpad(onednn::Kernel& kernel, const memory::desc& layout) {
  return {DNNL_ARG_SCRATCHPAD,
          layout,
          Argument::Source::Workspace,
          0,
          kernel.add_workspace(layout.get_size()),
          nullptr};
}

// [k, c/g, ...] => [g, k/g, c/g, ...]
Dims grouped(const Dims& weight, std::int64_t groups) {
  if (groups == 1) return weight;
  Dims dims = weight;
  dims[0] /= groups;
  dims.insert(dims.begin(), groups);
  return dims;
}

// A constant is packed once. What is computed is packed by each run, before the product.
Argument weight_argument(onednn::Kernel& kernel, const Operand& weight, const memory::desc& from,
                         const memory::desc& to, PackedWeights& weights) {
  if (weight.constant != nullptr) {
    return {DNNL_ARG_WEIGHTS,
            to,
            Argument::Source::Packed,
            0,
            0,
            onednn::pack(*weight.constant, 0, 1, from, to, weights)};
  }
  const std::size_t place = kernel.add_workspace(to.get_size());
  const dnnl::reorder::primitive_desc reorder(onednn::engine(), from, onednn::engine(), to);
  kernel.add(dnnl::reorder(reorder),
             {input(DNNL_ARG_FROM, from, 1),
              {DNNL_ARG_TO, to, Argument::Source::Workspace, 0, place, nullptr}});
  return {DNNL_ARG_WEIGHTS, to, Argument::Source::Workspace, 0, place, nullptr};
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, PackedWeights& weights) {
  const Operand& x = op.inputs[0];
  if (!onednn::data_type(x.dtype)) return nullptr;
  const Operand& w = op.inputs[1];
  const Operand& y = op.outputs[0];
  const Dims kernel_dims(w.dims.begin() + 2, w.dims.end());
  const WindowSteps steps = window_of(op, kernel_dims, spatial(x), spatial(y));
  const onednn::Schedule schedule = onednn::schedule_for(
      2 * elements_of(y.dims) * elements_of(w.dims) / static_cast<double>(w.dims[0]));
  const ThreadLimit limit = onednn::limit_for(schedule);
  const Dims dims = grouped(w.dims, op.attributes.get_int("group", 1));
  const memory::desc destination = channels_last(y.dtype, y.dims);
  const memory::desc bias =
      op.has_input(kBias) ? onednn::plain(x.dtype, {y.dims.back()}) : memory::desc();
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(onednn::epilogue_of(op, destination));
  const dnnl::convolution_forward::desc description(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      channels_last(x.dtype, x.dims), onednn::any(w.dtype, dims), bias, destination, steps.strides,
      minus_one(steps.dilations), steps.pads_begin, steps.pads_end);
  const dnnl::convolution_forward::primitive_desc primitive(description, attributes,
                                                            onednn::engine());
  auto kernel = std::make_unique<onednn::Kernel>(std::string("onednn ") + primitive.impl_info_str(),
                                                 op.inputs.size(), schedule);
  std::vector<Argument> arguments = {input(DNNL_ARG_SRC, primitive.src_desc(), 0),
                                     output(primitive.dst_desc()),
                                     scratchpad(*kernel, primitive.scratchpad_desc())};
  arguments.push_back(
      weight_argument(*kernel, w, onednn::plain(w.dtype, dims), primitive.weights_desc(), weights));
  if (op.has_input(kBias)) arguments.push_back(input(DNNL_ARG_BIAS, bias, kBias));
  if (op.has_input(kSummand)) {
    arguments.push_back(input(onednn::kSummandArgument, destination, kSummand));
  }
  kernel->add(dnnl::convolution_forward(primitive), std::move(arguments));
  return kernel;
}

namespace {

dnnl::algorithm pooling_of(const Operator& op) {
  if (op.name == "MaxPool" || op.name == "GlobalMaxPool") return dnnl::algorithm::pooling_max;
  const bool counts_padding = op.attributes.get_int("count_include_pad", 0) != 0;
  return counts_padding ? dnnl::algorithm::pooling_avg_include_padding
                        : dnnl::algorithm::pooling_avg_exclude_padding;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, PackedWeights& /*weights*/) {
  const Operand& x = op.inputs[0];
  if (!onednn::data_type(x.dtype)) return nullptr;
  const Operand& y = op.outputs[0];
  const bool is_global = op.name.starts_with("Global");
  const Dims kernel_dims =
      is_global ? spatial(x) : op.attributes.get_ints("kernel_shape", spatial(x));
  const WindowSteps steps = window_of(op, kernel_dims, spatial(x), spatial(y));
  const onednn::Schedule schedule = onednn::schedule_for(elements_of(x.dims));
  const ThreadLimit limit = onednn::limit_for(schedule);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::pooling_forward::desc description(dnnl::prop_kind::forward_inference, pooling_of(op),
                                                channels_last(x.dtype, x.dims),
                                                channels_last(y.dtype, y.dims), steps.strides,
                                                steps.kernel, steps.pads_begin, steps.pads_end);
  const dnnl::pooling_forward::primitive_desc primitive(description, attributes, onednn::engine());
  auto kernel = std::make_unique<onednn::Kernel>(std::string("onednn ") + primitive.impl_info_str(),
                                                 op.inputs.size(), schedule);
  std::vector<Argument> arguments = {input(DNNL_ARG_SRC, primitive.src_desc(), 0),
                                     output(primitive.dst_desc()),
                                     scratchpad(*kernel, primitive.scratchpad_desc())};
  kernel->add(dnnl::pooling_forward(primitive), std::move(arguments));
  return kernel;
}

}  // namespace braid
