#include <algorithm>

#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {
namespace {

/// The parts' sizes: stated, or as even as possible with a smaller last one.
Dims part_sizes(const KernelCall& call, std::int64_t dim) {
  Dims sizes = int_parameter(call, 1, "split");
  const auto outputs = static_cast<std::int64_t>(call.output_count());
  if (!has_parameter(call, 1, "split")) {
    const std::int64_t count = call.attributes().get_int("num_outputs", outputs);
    if (count < 1 || count != outputs) {
      call.fail("num_outputs " + std::to_string(count) + " differs from the outputs, " +
                std::to_string(outputs));
    }
    if (call.opset() < 18 && dim % count != 0) {
      call.fail(std::to_string(count) + " equal parts do not make " + std::to_string(dim));
    }
    const std::int64_t part = (dim + count - 1) / count;
    for (std::int64_t i = 0; i < count; ++i) {
      sizes.push_back(std::clamp<std::int64_t>(dim - i * part, 0, part));
    }
  }
  std::int64_t left = dim;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > left) call.fail("split " + format_dims(sizes) + " does not fit");
    left -= size;
  }
  if (left != 0 || static_cast<std::int64_t>(sizes.size()) != outputs) {
    call.fail("split " + format_dims(sizes) + " does not make " + std::to_string(dim) + " in " +
              std::to_string(outputs) + " outputs");
  }
  return sizes;
}

}  // namespace

void split(KernelCall& call) {
  const Tensor& x = call.input(0);
  const std::int64_t size = element_size(call, x.dtype());
  const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", 0), x.rank());
  const std::int64_t dim = x.dims()[static_cast<std::size_t>(axis)];
  const std::int64_t inner = product(x.dims(), axis + 1, x.rank());
  const std::int64_t outer = product(x.dims(), 0, axis);
  const Dims sizes = part_sizes(call, dim);
  std::int64_t first = 0;
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    Dims dims = x.dims();
    dims[static_cast<std::size_t>(axis)] = sizes[k];
    Tensor& out = call.output(k, x.dtype(), dims);
    const std::byte* from = x.raw().data();
    std::byte* to = out.mutable_raw().data();
    const std::int64_t width = sizes[k] * inner;
    for (std::int64_t i = 0; i < outer && width > 0; ++i) {
      copy_elements(size, from + (i * dim + first) * inner * size, 1, to + i * width * size, 1,
                    width);
    }
    first += sizes[k];
  }
}

}  // namespace braid::reference::ops
