#include <cmath>
#include <limits>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/reduction.hpp"

namespace braid::reference {

Reduction::Reduction(const Dims& dims, const Dims& axes) : kept(dims) {
  const Dims strides = contiguous_strides(dims);
  Dims outer_strides;
  Dims reduced;
  Dims reduced_strides;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(d)) == axes.end()) {
      squeezed.push_back(dims[d]);
      outer_strides.push_back(strides[d]);
    } else {
      kept[d] = 1;
      reduced.push_back(dims[d]);
      reduced_strides.push_back(strides[d]);
    }
  }
  starts = offset_table(squeezed, outer_strides);
  const Loop loop(reduced, {reduced_strides});
  length = loop.dims.back();
  stride = loop.strides[0].back();
  lines = offset_table({loop.dims.begin(), loop.dims.end() - 1},
                       {loop.strides[0].begin(), loop.strides[0].end() - 1});
}

namespace ops {
namespace {

/// The axes to reduce, from the input or the attribute; all of them if none are given, unless
/// noop_with_empty_axes says that then each element is reduced by itself.
Dims reduced_axes(const KernelCall& call) {
  const std::int64_t rank = call.input(0).rank();
  Dims axes = int_parameter(call, 1, "axes");
  if (axes.empty() && call.attributes().get_int("noop_with_empty_axes", 0) == 0) {
    for (std::int64_t d = 0; d < rank; ++d)
      axes.push_back(d);
  }
  return normalise_axes(call, std::move(axes), rank);
}

/// out = f(pieces, count) for each output element, in the wide type W; pieces(g) calls
/// g(values, count) for parts of the elements to reduce, and may be called repeatedly.
template <class W, class F>
void reduce_as(KernelCall& call, const F& f) {
  const Tensor& x = call.input(0);
  const Reduction reduction(x.dims(), reduced_axes(call));
  const bool keep = call.attributes().get_int("keepdims", 1) != 0;
  Tensor& out = allocate(call, 0, x.dtype(), keep ? reduction.kept : reduction.squeezed);
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(out.size(), reduction.count(), [&](std::int64_t index) {
    const auto pieces = [&](const auto& g) {
      for_each_piece<W>(reduction, x.dtype(), from, static_cast<std::size_t>(index),
                        [&](const W* values, std::int64_t n, std::int64_t) { g(values, n); });
    };
    const W result = f(pieces, reduction.count());
    store(out.dtype(), to, index, 1, 1, &result);
  });
}

/// In the wide type of the input.
template <class F>
void reduce(KernelCall& call, unsigned accepted, const F& f) {
  dispatch_wide(call, call.input(0).dtype(), accepted, [&](auto tag) {
    using W = typename decltype(tag)::type;
    reduce_as<W>(call,
                 [&](const auto& pieces, std::int64_t count) { return f(pieces, count, W{}); });
  });
}

/// In double, whatever the input.
template <class F>
void reduce_in_double(KernelCall& call, const F& f) {
  require_type(call, call.input(0).dtype(), kNumbers);
  reduce_as<double>(call, f);
}

/// Sum of term(value).
template <class W, class Pieces, class Term>
W total(const Pieces& pieces, const Term& term) {
  W result{};
  pieces([&](const W* values, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i)
      result = wrapping_add(result, term(values[i]));
  });
  return result;
}

template <class W, class Pieces, class Better>
W best(const Pieces& pieces, W worst, const Better& better) {
  pieces([&](const W* values, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i)
      worst = better(worst, values[i]);
  });
  return worst;
}

/// What the maximum of nothing is: the smallest value that the type has.
template <class W>
W smallest(DType dtype) {
  if constexpr (std::is_floating_point_v<W>) return -std::numeric_limits<W>::infinity();
  if (family_of(dtype) != kSigned) return W{};
  return static_cast<W>(~std::uint64_t{0} << (dtype_bits(dtype) - 1));
}

template <class W>
W greatest(DType dtype) {
  if constexpr (std::is_floating_point_v<W>) return std::numeric_limits<W>::infinity();
  if (family_of(dtype) == kBools) return W{1};
  const int bits = dtype_bits(dtype) - (family_of(dtype) == kSigned ? 1 : 0);
  return static_cast<W>(~std::uint64_t{0} >> (64 - bits));
}

constexpr auto kItself = [](auto x) { return x; };
constexpr auto kSquare = [](auto x) { return wrapping_mul(x, x); };

}  // namespace

void reduce_sum(KernelCall& call) {
  reduce(call, kNumbers, [](const auto& pieces, std::int64_t, auto zero) {
    return total<decltype(zero)>(pieces, kItself);
  });
}

void reduce_mean(KernelCall& call) {
  const Tensor& x = call.input(0);
  if (x.size() == 0 && family_of(x.dtype()) != kFloats)
    call.fail("integers have no mean of nothing");
  reduce(call, kNumbers, [](const auto& pieces, std::int64_t count, auto zero) {
    using W = decltype(zero);
    return total<W>(pieces, kItself) / static_cast<W>(count);
  });
}

void reduce_prod(KernelCall& call) {
  reduce(call, kNumbers, [](const auto& pieces, std::int64_t, auto zero) {
    using W = decltype(zero);
    return best<W>(pieces, W{1}, [](W a, W b) { return wrapping_mul(a, b); });
  });
}

void reduce_sum_square(KernelCall& call) {
  reduce(call, kNumbers, [](const auto& pieces, std::int64_t, auto zero) {
    return total<decltype(zero)>(pieces, kSquare);
  });
}

void reduce_l1(KernelCall& call) {
  reduce(call, kNumbers, [](const auto& pieces, std::int64_t, auto zero) {
    using W = decltype(zero);
    return total<W>(pieces, [](W x) { return x < W{} ? wrapping_sub(W{}, x) : x; });
  });
}

void reduce_l2(KernelCall& call) {
  reduce_in_double(call, [](const auto& pieces, std::int64_t) {
    return std::sqrt(total<double>(pieces, kSquare));
  });
}

void reduce_log_sum(KernelCall& call) {
  reduce_in_double(call, [](const auto& pieces, std::int64_t) {
    return std::log(total<double>(pieces, kItself));
  });
}

void reduce_log_sum_exp(KernelCall& call) {
  reduce_in_double(call, [](const auto& pieces, std::int64_t) {
    const double top =
        best<double>(pieces, -std::numeric_limits<double>::infinity(), larger<double>);
    if (std::isinf(top)) return top;  // so that infinities are not subtracted from each other
    return top + std::log(total<double>(pieces, [=](double x) { return std::exp(x - top); }));
  });
}

void reduce_max(KernelCall& call) {
  const DType dtype = call.input(0).dtype();
  reduce(call, kAll, [=](const auto& pieces, std::int64_t, auto zero) {
    using W = decltype(zero);
    return best<W>(pieces, smallest<W>(dtype), larger<W>);
  });
}

void reduce_min(KernelCall& call) {
  const DType dtype = call.input(0).dtype();
  reduce(call, kAll, [=](const auto& pieces, std::int64_t, auto zero) {
    using W = decltype(zero);
    return best<W>(pieces, greatest<W>(dtype), smaller<W>);
  });
}

}  // namespace ops
}  // namespace braid::reference
