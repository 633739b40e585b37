#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void concat(KernelCall& call) {
  const Tensor& first = call.input(0);
  const std::int64_t size = element_size(call, first.dtype());
  const std::int64_t stated = call.attributes().get_int("axis", 1);
  const auto axis = static_cast<std::size_t>(normalise_axis(call, stated, first.rank()));
  Dims dims = first.dims();
  dims[axis] = 0;
  for (std::size_t k = 0; k < call.input_count(); ++k) {
    const Tensor& part = call.input(k);
    require_same_type(call, first, part);
    Dims like = part.dims();
    if (like.size() == dims.size()) like[axis] = first.dims()[axis];
    if (like != first.dims()) {
      call.fail("shapes " + format_dims(first.dims()) + " and " + format_dims(part.dims()) +
                " differ beyond axis " + std::to_string(axis));
    }
    dims[axis] += part.dims()[axis];
  }
  Tensor& out = allocate(call, 0, first.dtype(), dims);
  const std::int64_t outer = product(dims, 0, static_cast<std::int64_t>(axis));
  if (out.size() == 0) return;
  const std::int64_t row = out.size() / outer;
  std::byte* to = out.mutable_raw().data();
  for (std::size_t k = 0; k < call.input_count(); ++k) {
    const std::int64_t width = call.input(k).size() / outer;
    const std::byte* from = call.input(k).raw().data();
    for (std::int64_t i = 0; i < outer; ++i) {
      copy_elements(size, from + i * width * size, 1, to + i * row * size, 1, width);
    }
    to += width * size;
  }
}

}  // namespace braid::reference::ops
