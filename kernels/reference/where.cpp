#include <cstring>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void where(KernelCall& call) {
  const Tensor& condition = call.input(0);
  const Tensor& x = call.input(1);
  const Tensor& y = call.input(2);
  require_type(call, condition.dtype(), kBools);
  require_same_type(call, x, y);
  const std::int64_t size = element_size(call, x.dtype());
  const Dims dims =
      broadcast_dims(call, broadcast_dims(call, condition.dims(), x.dims()), y.dims());
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  const Loop loop(
      dims, {broadcast_strides(call, condition.dims(), dims),
             broadcast_strides(call, x.dims(), dims), broadcast_strides(call, y.dims(), dims)});
  const auto* which = reinterpret_cast<const Bool*>(condition.raw().data());
  const std::byte* from_x = x.raw().data();
  const std::byte* from_y = y.raw().data();
  std::byte* to = out.mutable_raw().data();
  for_each_row(loop, [&](std::int64_t at, const std::int64_t* offsets, const std::int64_t* strides,
                         std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const bool take_x = which[offsets[0] + i * strides[0]].value != 0;
      const std::byte* from = take_x ? from_x + (offsets[1] + i * strides[1]) * size
                                     : from_y + (offsets[2] + i * strides[2]) * size;
      std::memcpy(to + (at + i) * size, from, static_cast<std::size_t>(size));
    }
  });
}

}  // namespace braid::reference::ops
