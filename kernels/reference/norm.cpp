#include <cmath>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/reduction.hpp"

namespace braid::reference::ops {
namespace {

/// For each group of elements over `axes`: gather them, let f change them, put them back.
template <class F>
void transform_groups(KernelCall& call, const Dims& axes, const F& f) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  const Reduction reduction(x.dims(), normalise_axes(call, axes, x.rank()));
  Tensor& out = call.output(0, x.dtype(), x.dims());
  if (x.size() == 0) return;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  const auto groups = static_cast<std::int64_t>(reduction.starts.size());
  parallel_for(groups, 4 * reduction.count(), [&](std::int64_t group) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(reduction.count()));
    const auto index = static_cast<std::size_t>(group);
    const auto each = [&](const auto& piece) {
      for_each_piece<double>(reduction, x.dtype(), from, index, piece);
    };
    each([&](const double* piece, std::int64_t n, std::int64_t) {
      values.insert(values.end(), piece, piece + n);
    });
    f(values);
    const double* next = values.data();
    each([&](const double*, std::int64_t n, std::int64_t offset) {
      store(out.dtype(), to, offset, reduction.stride, n, next);
      next += n;
    });
  });
}

}  // namespace

void lp_normalization(KernelCall& call) {
  const std::int64_t p = call.attributes().get_int("p", 2);
  if (p != 1 && p != 2) call.fail("p " + std::to_string(p) + " must be 1 or 2");
  transform_groups(call, {call.attributes().get_int("axis", -1)}, [=](std::vector<double>& values) {
    double norm = 0.0;
    for (const double value : values)
      norm += p == 1 ? std::fabs(value) : value * value;
    if (p == 2) norm = std::sqrt(norm);
    for (double& value : values)
      value = norm == 0.0 ? 0.0 : value / norm;
  });
}

void mean_variance_normalization(KernelCall& call) {
  transform_groups(call, call.attributes().get_ints("axes", {0, 2, 3}),
                   [](std::vector<double>& values) {
                     const auto count = static_cast<double>(values.size());
                     double mean = 0.0;
                     for (const double value : values)
                       mean += value;
                     mean /= count;
                     double variance = 0.0;
                     for (const double value : values)
                       variance += (value - mean) * (value - mean);
                     const double deviation = std::sqrt(variance / count) + 1e-9;
                     for (double& value : values)
                       value = (value - mean) / deviation;
                   });
}

void lrn(KernelCall& call) {
  const auto& attributes = call.attributes();
  const std::int64_t size = attributes.get_int("size", 0);
  if (size < 1) call.fail("size must be positive");
  const double alpha = attributes.get_float("alpha", 1e-4F);
  const double beta = attributes.get_float("beta", 0.75F);
  const double bias = attributes.get_float("bias", 1.0F);
  if (call.input(0).rank() < 2) call.fail("input must have at least 2 dimensions");
  transform_groups(call, {1}, [=](std::vector<double>& values) {
    const std::vector<double> x = values;
    const auto channels = static_cast<std::int64_t>(x.size());
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t first = std::max<std::int64_t>(0, c - (size - 1) / 2);
      const std::int64_t last = c + std::min(channels - 1 - c, size / 2);
      double squares = 0.0;
      for (std::int64_t i = first; i <= last; ++i) {
        squares += x[static_cast<std::size_t>(i)] * x[static_cast<std::size_t>(i)];
      }
      values[static_cast<std::size_t>(c)] /=
          std::pow(bias + alpha / static_cast<double>(size) * squares, beta);
    }
  });
}

}  // namespace braid::reference::ops
