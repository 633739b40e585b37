#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// Running f(...f(f(start, x0), x1)...) along the axis that input 1 names.
template <class F>
void accumulate(KernelCall& call, int start, const F& f) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const std::int64_t axis = normalise_axis(call, int_scalar_input(call, 1), x.rank());
  const bool exclusive = call.attributes().get_int("exclusive", 0) != 0;
  const bool reverse = call.attributes().get_int("reverse", 0) != 0;
  const std::int64_t length = x.dims()[static_cast<std::size_t>(axis)];
  const std::int64_t inner = product(x.dims(), axis + 1, x.rank());
  Tensor& out = call.output(0, x.dtype(), x.dims());
  if (x.size() == 0) return;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  dispatch_wide(call, x.dtype(), kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    parallel_for(x.size() / length, length, [&](std::int64_t row) {
      const std::int64_t offset = row / inner * length * inner + row % inner;
      std::vector<W> values(static_cast<std::size_t>(length));
      load(x.dtype(), from, offset, inner, length, values.data());
      W total = static_cast<W>(start);
      for (std::int64_t i = 0; i < length; ++i) {
        W& value = values[static_cast<std::size_t>(reverse ? length - 1 - i : i)];
        const W next = f(total, value);
        value = exclusive ? total : next;
        total = next;
      }
      store(x.dtype(), to, offset, inner, length, values.data());
    });
  });
}

}  // namespace

void cum_sum(KernelCall& call) {
  accumulate(call, 0, [](auto a, auto b) { return wrapping_add(a, b); });
}

void cum_prod(KernelCall& call) {
  accumulate(call, 1, [](auto a, auto b) { return wrapping_mul(a, b); });
}

}  // namespace braid::reference::ops
