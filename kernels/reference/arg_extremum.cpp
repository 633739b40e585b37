#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/reduction.hpp"

namespace braid::reference::ops {
namespace {

/// Index along the axis of the element that is better than all others; of equal ones the first, or
/// the last if select_last_index asks for it. The first NaN beats everything, as in numpy.
template <class Better>
void arg_best(KernelCall& call, const Better& better) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const auto& attributes = call.attributes();
  const std::int64_t axis = normalise_axis(call, attributes.get_int("axis", 0), x.rank());
  if (x.dims()[static_cast<std::size_t>(axis)] == 0) call.fail("the axis is empty");
  const bool keep = attributes.get_int("keepdims", 1) != 0;
  const bool last = attributes.get_int("select_last_index", 0) != 0;
  const Reduction reduction(x.dims(), {axis});
  Tensor& out = call.output(0, DType::Int64, keep ? reduction.kept : reduction.squeezed);
  std::int64_t* to = out.mutable_data<std::int64_t>().data();
  const std::byte* from = x.raw().data();
  dispatch_wide(call, x.dtype(), kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    parallel_for(out.size(), reduction.count(), [&](std::int64_t index) {
      W best{};
      std::int64_t at = 0;
      const auto visit = [&](const W* values, std::int64_t n, std::int64_t) {
        for (std::int64_t i = 0; i < n; ++i, ++at) {
          const W value = values[i];
          const bool first_nan = value != value && best == best;
          if (at == 0 || first_nan || better(value, best) || (last && value == best)) {
            best = value;
            to[index] = at;
          }
        }
      };
      for_each_piece<W>(reduction, x.dtype(), from, static_cast<std::size_t>(index), visit);
    });
  });
}

}  // namespace

void arg_max(KernelCall& call) {
  arg_best(call, [](auto a, auto b) { return a > b; });
}

void arg_min(KernelCall& call) {
  arg_best(call, [](auto a, auto b) { return a < b; });
}

}  // namespace braid::reference::ops
