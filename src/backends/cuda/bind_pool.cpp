// MaxPool, AveragePool, LpPool and the global ones, with the channels innermost (ai.braid) or as
// ONNX has them, over up to three spatial axes. Does not apply to windows that start behind the
// input, which ceil_mode makes of averages.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "backends/window.hpp"
#include "kernels/cuda/pool.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

// What the pooling is of: dims of all images, and which axis holds the channels.
struct Images {
  Dims x;
  Dims y;
  std::size_t channels = 1;

  Dims spatial(const Dims& dims) const {
    Dims result(dims.begin() + 1, dims.end());
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(channels) - 1);
    return result;
  }
};

void set_axes(const WindowSteps& steps, const Images& images, PoolArgs& args) {
  const Dims x = images.spatial(images.x);
  const Dims y = images.spatial(images.y);
  const Dims x_strides = images.spatial(strides_of(images.x));
  const Dims y_strides = images.spatial(strides_of(images.y));
  for (std::size_t i = 0; i < x.size(); ++i) {
    PoolAxis& axis = args.axes[x.size() - 1 - i];
    axis.size = to_int(x[i]);
    axis.y_size = to_int(y[i]);
    axis.kernel = to_int(steps.kernel[i]);
    axis.step = to_int(steps.strides[i]);
    axis.dilation = to_int(steps.dilations[i]);
    axis.pad_begin = to_int(steps.pads_begin[i]);
    axis.pad_end = static_cast<int>(steps.pads_end[i]);
    axis.x_stride = x_strides[i];
    axis.y_stride = y_strides[i];
  }
}

bool starts_inside(const WindowSteps& steps, const Dims& x, const Dims& y) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if ((y[i] - 1) * steps.strides[i] - steps.pads_begin[i] >= x[i]) return false;
  }
  return true;
}

std::unique_ptr<const BoundKernel> bind(const Operator& op, const Images& images) {
  const Dims x = images.spatial(images.x);
  const Dims y = images.spatial(images.y);
  if (x.empty() || x.size() > kPoolAxes || y.size() != x.size()) return nullptr;
  const bool is_global = op.name.starts_with("Global");
  const Dims window = is_global ? x : op.attributes.get_ints("kernel_shape", x);
  if (window.size() != x.size()) return nullptr;
  const WindowSteps steps = window_of(op, window, x, y);
  const bool is_rounded_up = op.attributes.get_int("ceil_mode", 0) != 0;
  PoolArgs args;
  args.is_max = op.name.ends_with("MaxPool");
  if (is_rounded_up && (!args.is_max || !starts_inside(steps, x, y))) return nullptr;
  if (op.name.ends_with("LpPool")) args.norm = static_cast<float>(op.attributes.get_int("p", 2));
  args.counts_columns_first = op.attributes.get_int("storage_order", 0) != 0;
  args.counts_padding = op.attributes.get_int("count_include_pad", 0) != 0;
  args.images = to_int(images.x[0]);
  args.channels = to_int(images.x[images.channels]);
  args.x_image = strides_of(images.x)[0];
  args.y_image = strides_of(images.y)[0];
  args.x_channel = strides_of(images.x)[images.channels];
  args.y_channel = strides_of(images.y)[images.channels];
  set_axes(steps, images, args);
  const Element element = *element_of(op.inputs[0].dtype);
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    PoolArgs own = args;
    own.x = at.inputs[0];
    own.y = at.outputs[0];
    if (at.outputs.size() > 1) own.indices = reinterpret_cast<std::int64_t*>(at.outputs[1]);
    list.add(launch_pool(own, element), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

// Members are as good as a batch.
Dims as_batch(Dims dims, std::int64_t members) {
  if (members == 1) return dims;
  dims[1] *= dims[0];
  dims.erase(dims.begin());
  return dims;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_channels_last_pool(const Operator& op, const Target&) {
  if (!common_element(op)) return nullptr;
  const std::int64_t members = op.attributes.get_int("members", 1);
  const Dims x = as_batch(op.inputs[0].dims, members);
  return bind(op, {x, as_batch(op.outputs[0].dims, members), x.size() - 1});
}

std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, const Target&) {
  const braid::Operand& x = op.inputs[0];
  const bool is_of_floats = element_of(x.dtype) && op.outputs[0].dtype == x.dtype;
  if (!is_of_floats || x.dims.size() < 3 || product(x.dims) == 0) return nullptr;
  return bind(op, {op.inputs[0].dims, op.outputs[0].dims, 1});
}

}  // namespace braid::cuda
