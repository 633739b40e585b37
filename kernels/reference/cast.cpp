#include <cstring>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

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

void bit_cast(KernelCall& call) {
  const Tensor& x = call.input(0);
  const auto to = static_cast<DType>(call.attributes().get_int("to", 0));
  if (element_size(call, to) != element_size(call, x.dtype())) {
    call.fail("types " + std::string(dtype_name(x.dtype())) + " and " +
              std::string(dtype_name(to)) + " differ in size");
  }
  Tensor& out = call.output(0, to, x.dims());
  if (x.size() > 0) std::memcpy(out.mutable_raw().data(), x.raw().data(), x.bytes());
}

}  // namespace braid::reference::ops
