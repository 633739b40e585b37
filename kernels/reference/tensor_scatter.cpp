#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void tensor_scatter(KernelCall& call) {
  const Tensor& cache = call.input(0);
  const Tensor& update = call.input(1);
  const std::int64_t axis =
      normalise_axis(call, call.attributes().get_int("axis", -2), cache.rank());
  const bool is_circular = call.attributes().get_string("mode", "linear") == "circular";
  Dims expected = cache.dims();
  if (axis == 0) call.fail("axis 0 is the batch");
  if (update.rank() == cache.rank()) {
    expected[static_cast<std::size_t>(axis)] = update.dim(static_cast<int>(axis));
  }
  const std::int64_t length = cache.dim(static_cast<int>(axis));
  if (update.dims() != expected || update.dim(static_cast<int>(axis)) > length ||
      update.dtype() != cache.dtype()) {
    call.fail("update " + format_dims(update.dims()) + " does not fit the cache " +
              format_dims(cache.dims()));
  }
  Dims first(static_cast<std::size_t>(cache.dim(0)), 0);
  if (call.has_input(2)) first = int_input(call, 2);
  if (static_cast<std::int64_t>(first.size()) != cache.dim(0)) {
    call.fail("write_indices must have one value per batch");
  }
  const std::int64_t size = element_size(call, cache.dtype());
  Tensor& out = call.output(0, cache.dtype(), cache.dims());
  std::byte* to = out.mutable_raw().data();
  copy_elements(size, cache.raw().data(), 1, to, 1, cache.size());
  const std::int64_t inner = product(cache.dims(), axis + 1, cache.rank());
  const std::int64_t rows = product(cache.dims(), 1, axis);
  const std::int64_t steps = update.dim(static_cast<int>(axis));
  for (std::int64_t prefix = 0; prefix < cache.dim(0) * rows; ++prefix) {
    for (std::int64_t s = 0; s < steps; ++s) {
      std::int64_t at = first[static_cast<std::size_t>(prefix / rows)] + s;
      if (is_circular) at = (at % length + length) % length;
      if (at < 0 || at >= length) call.fail("index " + std::to_string(at) + " is out of range");
      copy_elements(size, update.raw().data() + (prefix * steps + s) * inner * size, 1,
                    to + (prefix * length + at) * inner * size, 1, inner);
    }
  }
}

}  // namespace braid::reference::ops
