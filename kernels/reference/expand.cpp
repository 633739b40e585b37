#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void expand(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Dims dims = broadcast_dims(call, x.dims(), int_input(call, 1));
  element_size(call, x.dtype());
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  copy_view(call, x, 0, dims, broadcast_strides(call, x.dims(), dims), out);
}

void tile(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Dims repeats = int_input(call, 1);
  if (repeats.size() != x.dims().size()) {
    call.fail("repeats " + format_dims(repeats) + " do not fit " + format_dims(x.dims()));
  }
  // As if each dimension had one of repetitions before it, which walks nowhere.
  Dims out_dims;
  Dims dims;
  Dims strides;
  const Dims contiguous = contiguous_strides(x.dims());
  for (std::size_t d = 0; d < repeats.size(); ++d) {
    const std::int64_t dim = x.dims()[d];
    if (repeats[d] < 0 || (dim > 0 && repeats[d] > (std::int64_t{1} << 44) / dim)) {
      call.fail("repeats " + format_dims(repeats) + " are out of range");
    }
    out_dims.push_back(repeats[d] * dim);
    dims.insert(dims.end(), {repeats[d], dim});
    strides.insert(strides.end(), {0, contiguous[d]});
  }
  element_size(call, x.dtype());
  Tensor& out = allocate(call, 0, x.dtype(), out_dims);
  if (out.size() > 0) copy_view(call, x, 0, dims, strides, out);
}

}  // namespace braid::reference::ops
