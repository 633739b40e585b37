#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>

#include "braid/kernel.hpp"
#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"

namespace braid::reference {

/// What a predicate's results are kept in until they are stored as bools.
template <class W, class Result>
using ResultOf = std::conditional_t<std::is_same_v<Result, bool>, std::uint64_t, W>;

/// out[i] = f(x[i]), computed in W; bool results go to a bool tensor.
template <class W, class F>
void map(const Tensor& x, Tensor& out, const F& f) {
  using R = ResultOf<W, decltype(f(W{}))>;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  const std::int64_t size = x.size();
  parallel_for((size + kChunk - 1) / kChunk, kChunk, [&](std::int64_t chunk) {
    const std::int64_t at = chunk * kChunk;
    const std::int64_t count = std::min(kChunk, size - at);
    W values[kChunk];
    R results[kChunk];
    load(x.dtype(), from, at, 1, count, values);
    for (std::int64_t i = 0; i < count; ++i)
      results[i] = static_cast<R>(f(values[i]));
    store(out.dtype(), to, at, 1, count, results);
  });
}

/// Unary operator whose output has the type of its input.
template <class F>
void unary(KernelCall& call, unsigned accepted, const F& f) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), accepted);
  Tensor& out = call.output(0, x.dtype(), x.dims());
  dispatch_wide(call, x.dtype(), accepted,
                [&](auto tag) { map<typename decltype(tag)::type>(x, out, f); });
}

/// Unary operator on floating-point numbers, computed in double.
template <class F>
void unary_float(KernelCall& call, const F& f) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  map<double>(x, call.output(0, x.dtype(), x.dims()), f);
}

/// out = f(a, b), both broadcast to out's dims; bool results go to a bool tensor.
template <class W, class F>
void zip(const KernelCall& call, const Tensor& a, const Tensor& b, Tensor& out, const F& f) {
  using R = ResultOf<W, decltype(f(W{}, W{}))>;
  const Loop loop(out.dims(), {broadcast_strides(call, a.dims(), out.dims()),
                               broadcast_strides(call, b.dims(), out.dims())});
  const std::byte* left = a.raw().data();
  const std::byte* right = b.raw().data();
  std::byte* to = out.mutable_raw().data();
  for_each_row(loop, [&](std::int64_t at, const std::int64_t* offsets, const std::int64_t* strides,
                         std::int64_t count) {
    W x[kChunk];
    W y[kChunk];
    R results[kChunk];
    load(a.dtype(), left, offsets[0], strides[0], count, x);
    load(b.dtype(), right, offsets[1], strides[1], count, y);
    for (std::int64_t i = 0; i < count; ++i)
      results[i] = static_cast<R>(f(x[i], y[i]));
    store(out.dtype(), to, at, 1, count, results);
  });
}

inline void require_same_type(const KernelCall& call, const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return;
  call.fail("types " + std::string(dtype_name(a.dtype())) + " and " +
            std::string(dtype_name(b.dtype())) + " differ");
}

/// Binary operator on two tensors of one type; `result` Undefined stands for that type.
template <class F>
void binary(KernelCall& call, unsigned accepted, DType result, const F& f) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  require_same_type(call, a, b);
  require_type(call, a.dtype(), accepted);
  Tensor& out = allocate(call, 0, result == DType::Undefined ? a.dtype() : result,
                         broadcast_dims(call, a.dims(), b.dims()));
  dispatch_wide(call, a.dtype(), accepted,
                [&](auto tag) { zip<typename decltype(tag)::type>(call, a, b, out, f); });
}

/// Sum, difference and product that wrap around for integers instead of being undefined.
template <class W>
W wrapping_add(W a, W b) {
  if constexpr (std::is_integral_v<W>) {
    return static_cast<W>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  } else {
    return a + b;
  }
}

template <class W>
W wrapping_sub(W a, W b) {
  if constexpr (std::is_integral_v<W>) {
    return static_cast<W>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  } else {
    return a - b;
  }
}

template <class W>
W wrapping_mul(W a, W b) {
  if constexpr (std::is_integral_v<W>) {
    return static_cast<W>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  } else {
    return a * b;
  }
}

/// The larger and the smaller of two; NaN if either is, as numpy does.
template <class W>
W larger(W a, W b) {
  return a > b || a != a ? a : b;
}

template <class W>
W smaller(W a, W b) {
  return a < b || a != a ? a : b;
}

}  // namespace braid::reference
