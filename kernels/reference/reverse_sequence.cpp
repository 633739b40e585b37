#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void reverse_sequence(KernelCall& call) {
  const Tensor& x = call.input(0);
  const std::int64_t size = element_size(call, x.dtype());
  const std::int64_t batch_axis = call.attributes().get_int("batch_axis", 1);
  const std::int64_t time_axis = call.attributes().get_int("time_axis", 0);
  if (x.rank() < 2 || batch_axis + time_axis != 1 || batch_axis * time_axis != 0) {
    call.fail("batch and time must be the first two axes, in either order");
  }
  const std::int64_t times = x.dim(static_cast<int>(time_axis));
  const Dims lengths = int_input(call, 1);
  if (static_cast<std::int64_t>(lengths.size()) != x.dim(static_cast<int>(batch_axis))) {
    call.fail("there must be one length for each sequence");
  }
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > times) call.fail("a length is beyond its sequence");
  }
  Tensor& out = call.output(0, x.dtype(), x.dims());
  const std::int64_t row = product(x.dims(), 2, x.rank());
  const std::int64_t columns = x.dim(1);
  const auto offset = [&](std::int64_t time, std::int64_t sequence) {
    return (time_axis == 0 ? time * columns + sequence : sequence * columns + time) * row * size;
  };
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    for (std::int64_t t = 0; t < times; ++t) {
      const std::int64_t from = t < lengths[b] ? lengths[b] - 1 - t : t;
      const auto sequence = static_cast<std::int64_t>(b);
      copy_elements(size, x.raw().data() + offset(from, sequence), 1,
                    out.mutable_raw().data() + offset(t, sequence), 1, row);
    }
  }
}

}  // namespace braid::reference::ops
