#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

void cast_to(KernelCall& call, DType to) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kAll);
  require_type(call, to, kAll);
  if (to == x.dtype()) {
    call.set_output(0, x);
    return;
  }
  Tensor& out = call.output(0, to, x.dims());
  dispatch_wide(call, x.dtype(), kAll, [&](auto tag) {
    map<typename decltype(tag)::type>(x, out, [](auto value) { return value; });
  });
}

}  // namespace

void cast(KernelCall& call) {
  cast_to(call, static_cast<DType>(call.attributes().get_int("to", 0)));
}

void cast_like(KernelCall& call) {
  cast_to(call, call.input(1).dtype());
}

}  // namespace braid::reference::ops
