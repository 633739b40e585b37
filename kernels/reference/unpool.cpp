#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/indices.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"
#include "kernels/reference/window.hpp"

namespace braid::reference::ops {
namespace {

/// Dims of what MaxPool must have read; indices count through them.
Dims pooled_from(const KernelCall& call, const Dims& x, const Dims& kernel) {
  const Window w = read_window(call, x, kernel);
  Dims dims(x.begin(), x.begin() + 2);
  for (std::size_t d = static_cast<std::size_t>(3 - w.rank); d < 3; ++d) {
    dims.push_back((w.in[d] - 1) * w.stride[d] - w.pad_begin[d] - w.pad_end[d] + w.kernel[d]);
  }
  return dims;
}

}  // namespace

void max_unpool(KernelCall& call) {
  const Tensor& x = call.input(0);
  const std::int64_t size = element_size(call, x.dtype());
  const Dims from = pooled_from(call, x.dims(), call.attributes().get_ints("kernel_shape"));
  const Dims to = call.has_input(2) ? int_input(call, 2) : from;
  for (std::size_t d = 0; d < from.size(); ++d) {
    if (from[d] < 0 || to.size() != from.size() || to[d] < from[d]) {
      call.fail("output shape " + format_dims(to) + " does not hold " + format_dims(from));
    }
  }
  if (call.input(1).dims() != x.dims()) call.fail("input and indices differ in shape");
  const Dims indices = checked_indices(call, 1, product(from));
  Tensor& out = allocate(call, 0, x.dtype(), to);  // zeroed
  const Dims steps = contiguous_strides(from);
  const Dims strides = contiguous_strides(to);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < from.size(); ++d)
      offset += indices[i] / steps[d] % from[d] * strides[d];
    copy_elements(size, x.raw().data() + static_cast<std::int64_t>(i) * size, 1,
                  out.mutable_raw().data() + offset * size, 1, 1);
  }
}

}  // namespace braid::reference::ops
