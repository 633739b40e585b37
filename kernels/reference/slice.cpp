#include <algorithm>

#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void slice(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Dims starts = int_parameter(call, 1, "starts");
  const Dims ends = int_parameter(call, 2, "ends");
  Dims axes = int_parameter(call, 3, "axes");
  Dims steps = call.has_input(4) ? int_input(call, 4) : Dims(starts.size(), 1);
  if (!has_parameter(call, 3, "axes")) {
    for (std::size_t i = 0; i < starts.size(); ++i)
      axes.push_back(static_cast<std::int64_t>(i));
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    call.fail("starts, ends, axes and steps differ in number");
  }
  normalise_axes(call, axes, x.rank());  // in range, each once
  Dims dims = x.dims();
  Dims strides = contiguous_strides(dims);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto d = static_cast<std::size_t>(normalise_axis(call, axes[i], x.rank()));
    const std::int64_t dim = dims[d];
    // Steps beyond the dimension take its first element only, as the dimension itself does.
    const std::int64_t step =
        std::clamp(steps[i], -std::max<std::int64_t>(dim, 1), std::max<std::int64_t>(dim, 1));
    if (step == 0) call.fail("a step is 0");
    const auto place = [&](std::int64_t index) {
      // Clamped first: from the ends of int64 there is nothing to add to.
      index = std::clamp(index, -dim - 1, dim + 1);
      if (index < 0) index += dim;
      return step > 0 ? std::clamp<std::int64_t>(index, 0, dim)
                      : std::clamp<std::int64_t>(index, -1, dim - 1);
    };
    const std::int64_t start = std::max<std::int64_t>(place(starts[i]), 0);
    const std::int64_t end = place(ends[i]);
    const std::int64_t span = step > 0 ? end - start : start - end;
    const std::int64_t stride = step > 0 ? step : -step;
    dims[d] = dim == 0 ? 0 : std::max<std::int64_t>(0, (span + stride - 1) / stride);
    first += start * strides[d];
    strides[d] *= step;
  }
  element_size(call, x.dtype());
  Tensor& out = call.output(0, x.dtype(), dims);
  if (out.size() > 0) copy_view(call, x, first, dims, strides, out);
}

}  // namespace braid::reference::ops
