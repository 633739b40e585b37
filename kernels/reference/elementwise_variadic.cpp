#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// out = finish(f(...f(f(x0, x1), x2)..., number of inputs), all broadcast to one shape; the
/// intermediate results are not rounded.
template <class F, class Finish>
void fold(KernelCall& call, unsigned accepted, const F& f, const Finish& finish) {
  const DType dtype = call.input(0).dtype();
  require_type(call, dtype, accepted);
  const std::size_t count = call.input_count();
  Dims dims;
  for (std::size_t k = 0; k < count; ++k) {
    require_same_type(call, call.input(0), call.input(k));
    dims = broadcast_dims(call, dims, call.input(k).dims());
  }
  Tensor& out = allocate(call, 0, dtype, dims);
  std::vector<Dims> strides;
  std::vector<const std::byte*> from;
  for (std::size_t k = 0; k < count; ++k) {
    strides.push_back(broadcast_strides(call, call.input(k).dims(), dims));
    from.push_back(call.input(k).raw().data());
  }
  const Loop loop(dims, strides);
  std::byte* to = out.mutable_raw().data();
  dispatch_wide(call, dtype, accepted, [&](auto tag) {
    using W = typename decltype(tag)::type;
    for_each_row(loop, [&](std::int64_t at, const std::int64_t* offsets, const std::int64_t* steps,
                           std::int64_t n) {
      W total[kChunk];
      W next[kChunk];
      load(dtype, from[0], offsets[0], steps[0], n, total);
      for (std::size_t k = 1; k < count; ++k) {
        load(dtype, from[k], offsets[k], steps[k], n, next);
        for (std::int64_t i = 0; i < n; ++i)
          total[i] = f(total[i], next[i]);
      }
      for (std::int64_t i = 0; i < n; ++i)
        total[i] = finish(total[i], count);
      store(dtype, to, at, 1, n, total);
    });
  });
}

constexpr auto kAsIs = [](auto x, std::size_t) { return x; };

}  // namespace

void max(KernelCall& call) {
  fold(
      call, kNumbers, [](auto a, auto b) { return larger(a, b); }, kAsIs);
}

void min(KernelCall& call) {
  fold(
      call, kNumbers, [](auto a, auto b) { return smaller(a, b); }, kAsIs);
}

void sum(KernelCall& call) {
  fold(
      call, kFloats, [](auto a, auto b) { return wrapping_add(a, b); }, kAsIs);
}

void mean(KernelCall& call) {
  fold(
      call, kFloats, [](auto a, auto b) { return wrapping_add(a, b); },
      [](auto x, std::size_t count) { return x / static_cast<decltype(x)>(count); });
}

}  // namespace braid::reference::ops
