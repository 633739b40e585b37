#include <algorithm>
#include <cmath>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void one_hot(KernelCall& call) {
  const Tensor& indices = call.input(0);
  const Tensor& values = call.input(2);  // [off, on]
  require_type(call, indices.dtype(), kNumbers);
  const std::int64_t size = element_size(call, values.dtype());
  if (values.size() != 2) call.fail("values must be two");
  const double stated = number_input(call, 1);
  if (!(stated >= 0 && stated < 1e13)) call.fail("depth is out of range");
  const auto depth = static_cast<std::int64_t>(stated);
  const std::int64_t rank = indices.rank() + 1;
  const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", -1), rank);
  Dims dims = indices.dims();
  dims.insert(dims.begin() + axis, depth);
  Tensor& out = allocate(call, 0, values.dtype(), dims);
  const std::int64_t inner = product(dims, axis + 1, rank);
  const std::byte* choices = values.raw().data();
  std::byte* to = out.mutable_raw().data();
  copy_elements(size, choices, 0, to, 1, out.size());
  const std::vector<double> places = to_doubles(indices);
  for (std::int64_t i = 0; i < indices.size(); ++i) {
    double place = std::trunc(places[static_cast<std::size_t>(i)]);
    if (place < 0) place += static_cast<double>(depth);
    if (!(place >= 0 && place < static_cast<double>(depth))) continue;  // all off
    const std::int64_t at =
        (i / inner * depth + static_cast<std::int64_t>(place)) * inner + i % inner;
    copy_elements(size, choices + size, 1, to + at * size, 1, 1);
  }
}

void eye_like(KernelCall& call) {
  const Tensor& x = call.input(0);
  if (x.rank() != 2) call.fail("input " + format_dims(x.dims()) + " must be a matrix");
  const auto stated = call.attributes().get_int("dtype", static_cast<std::int64_t>(x.dtype()));
  const auto dtype = static_cast<DType>(stated);
  require_type(call, dtype, kAll);
  const std::int64_t k = call.attributes().get_int("k", 0);
  Tensor& out = call.output(0, dtype, x.dims());
  std::byte* to = out.mutable_raw().data();
  if (k <= -x.dim(0) || k >= x.dim(1)) return;  // the diagonal lies outside
  const double one = 1.0;
  for (std::int64_t row = std::max<std::int64_t>(0, -k); row < x.dim(0); ++row) {
    if (row + k < x.dim(1)) store(dtype, to, row * x.dim(1) + row + k, 1, 1, &one);
  }
}

void non_zero(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kAll);
  const std::vector<double> values = to_doubles(x);  // no integer but 0 becomes 0
  Dims found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0.0) found.push_back(static_cast<std::int64_t>(i));
  }
  const auto count = static_cast<std::int64_t>(found.size());
  Tensor& out = call.output(0, DType::Int64, {x.rank(), count});
  std::int64_t* to = out.mutable_data<std::int64_t>().data();
  const Dims strides = contiguous_strides(x.dims());
  for (std::int64_t d = 0; d < x.rank(); ++d) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t offset = found[static_cast<std::size_t>(i)];
      to[d * count + i] =
          offset / strides[static_cast<std::size_t>(d)] % x.dim(static_cast<int>(d));
    }
  }
}

void trilu(KernelCall& call) {
  const Tensor& x = call.input(0);
  const std::int64_t size = element_size(call, x.dtype());
  if (x.rank() < 2) call.fail("input " + format_dims(x.dims()) + " must have 2 dimensions");
  const bool upper = call.attributes().get_int("upper", 1) != 0;
  const std::int64_t rows = x.dims()[x.dims().size() - 2];
  const std::int64_t columns = x.dims().back();
  std::int64_t k = call.has_input(1) ? int_scalar_input(call, 1) : 0;
  k = std::clamp(k, -rows - 1, columns + 1);
  Tensor& out = call.output(0, x.dtype(), x.dims());  // zeroed
  if (x.size() == 0) return;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(x.size() / columns, columns, [&](std::int64_t i) {
    const std::int64_t split = std::clamp<std::int64_t>(i % rows + k + (upper ? 0 : 1), 0, columns);
    const std::int64_t first = upper ? split : 0;
    const std::int64_t count = upper ? columns - split : split;
    const std::int64_t at = (i * columns + first) * size;
    copy_elements(size, from + at, 1, to + at, 1, count);
  });
}

}  // namespace braid::reference::ops
