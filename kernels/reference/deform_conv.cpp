#include <array>
#include <cmath>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/window.hpp"

namespace braid::reference::ops {
namespace {

/// Linear interpolation between the pixels around a place; what lies outside counts as 0.
double sample(const double* plane, const Window& w, const std::array<double, 3>& place) {
  double total = 0.0;
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1.0;
    std::int64_t at = 0;
    for (std::size_t d = 0; d < 3; ++d) {
      const double low = std::floor(place[d]);
      const bool is_high = (corner >> d & 1) != 0;
      const double index = low + (is_high ? 1.0 : 0.0);
      weight *= is_high ? place[d] - low : 1.0 - (place[d] - low);
      if (index < 0.0 || index >= static_cast<double>(w.in[d])) weight = 0.0;
      if (weight == 0.0) break;
      at = at * w.in[d] + static_cast<std::int64_t>(index);
    }
    if (weight != 0.0) total += weight * plane[at];
  }
  return total;
}

/// Index `i` in row-major order of `sizes`.
Window::Three unravel(std::int64_t i, const Window::Three& sizes) {
  return {i / (sizes[1] * sizes[2]), i / sizes[2] % sizes[1], i % sizes[2]};
}

struct Operands {
  Window window;
  std::vector<double> x, w, offset, bias, mask;
  std::int64_t channels = 0, groups = 0, offset_groups = 0, filters = 0;
};

/// A channel of an image at a tap of the window at an output position.
double value_at(const Operands& op, std::int64_t image, std::int64_t channel, std::int64_t tap,
                std::int64_t position) {
  const Window& w = op.window;
  const std::int64_t set = image * op.offset_groups + channel / (op.channels / op.offset_groups);
  const Window::Three o = unravel(position, w.out);
  const Window::Three k = unravel(tap, w.kernel);
  std::array<double, 3> place{};
  for (std::size_t d = 0; d < 3; ++d) {
    place[d] = static_cast<double>(o[d] * w.stride[d] - w.pad_begin[d] + k[d] * w.dilation[d]);
    const std::int64_t axis = static_cast<std::int64_t>(d) - (3 - w.rank);
    if (axis < 0) continue;
    const std::int64_t at = (set * w.taps() + tap) * w.rank + axis;
    place[d] += op.offset[static_cast<std::size_t>(at * w.out_plane() + position)];
  }
  const double* plane = op.x.data() + (image * op.channels + channel) * w.in_plane();
  const std::int64_t mask_at = (set * w.taps() + tap) * w.out_plane() + position;
  return sample(plane, w, place) *
         (op.mask.empty() ? 1.0 : op.mask[static_cast<std::size_t>(mask_at)]);
}

Operands read_operands(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  require_type(call, x.dtype(), kFloats);
  if (x.rank() < 3 || w.rank() != x.rank()) call.fail("X and W must have one rank");
  Operands op;
  op.window = read_window(call, x.dims(), Dims(w.dims().begin() + 2, w.dims().end()));
  resolve_window(call, op.window, false);
  op.channels = x.dim(1);
  op.filters = w.dim(0);
  op.groups = call.attributes().get_int("group", 1);
  op.offset_groups = call.attributes().get_int("offset_group", 1);
  if (op.groups < 1 || op.offset_groups < 1 || op.channels != w.dim(1) * op.groups ||
      op.filters % op.groups != 0 || op.channels % op.offset_groups != 0) {
    call.fail("the groups do not divide the channels");
  }
  const auto expect = [&](std::size_t input, const Dims& dims) {
    if (call.input(input).dims() != dims) {
      call.fail("input " + std::to_string(input) + " must be " + format_dims(dims));
    }
    return to_doubles(call.input(input));
  };
  const std::int64_t taps = op.offset_groups * op.window.taps();
  op.x = to_doubles(x);
  op.w = to_doubles(w);
  op.offset = expect(2, op.window.out_dims(x.dim(0), taps * op.window.rank));
  if (call.has_input(3)) op.bias = expect(3, {op.filters});
  if (call.has_input(4)) op.mask = expect(4, op.window.out_dims(x.dim(0), taps));
  return op;
}

}  // namespace

void deform_conv(KernelCall& call) {
  const Operands op = read_operands(call);
  const std::int64_t taps = op.window.taps();
  const std::int64_t plane = op.window.out_plane();
  const std::int64_t per_group = op.channels / op.groups;
  const DType dtype = call.input(0).dtype();
  Tensor& out = allocate(call, 0, dtype, op.window.out_dims(call.input(0).dim(0), op.filters));
  std::vector<double> y(static_cast<std::size_t>(out.size()));
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t filter = at / plane % op.filters;
    const std::int64_t first = filter / (op.filters / op.groups) * per_group;
    y[i] = op.bias.empty() ? 0.0 : op.bias[static_cast<std::size_t>(filter)];
    for (std::int64_t j = 0; j < per_group * taps; ++j) {
      y[i] += op.w[static_cast<std::size_t>(filter * per_group * taps + j)] *
              value_at(op, at / plane / op.filters, first + j / taps, j % taps, at % plane);
    }
  }
  store(dtype, out.mutable_raw().data(), 0, 1, out.size(), y.data());
}

}  // namespace braid::reference::ops
