#include <cmath>
#include <complex>
#include <numbers>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

using Complex = std::complex<double>;
using Signal = std::vector<Complex>;

/// Term by term: sum of x[t] exp(-2 pi i t k / n) for k < count; the conjugate for the inverse.
Signal transform(const Signal& x, std::int64_t n, std::int64_t count, bool is_inverse) {
  Signal result(static_cast<std::size_t>(count));
  const double step = (is_inverse ? 2.0 : -2.0) * std::numbers::pi / static_cast<double>(n);
  for (std::int64_t k = 0; k < count; ++k) {
    Complex total;
    for (std::int64_t t = 0; t < n; ++t) {
      const double angle = step * static_cast<double>(t * k % n);  // small, so exact
      total += x[static_cast<std::size_t>(t)] * std::polar(1.0, angle);
    }
    result[static_cast<std::size_t>(k)] = is_inverse ? total / static_cast<double>(n) : total;
  }
  return result;
}

/// Real and imaginary parts, or real ones only, from `offset` on, cut or filled up to n elements.
Signal read_signal(const std::vector<double>& values, std::int64_t offset, std::int64_t stride,
                   std::int64_t parts, std::int64_t length, std::int64_t n) {
  Signal signal(static_cast<std::size_t>(n));
  for (std::int64_t t = 0; t < std::min(length, n); ++t) {
    const auto at = static_cast<std::size_t>(offset + t * stride);
    signal[static_cast<std::size_t>(t)] = {values[at], parts == 2 ? values[at + 1] : 0.0};
  }
  return signal;
}

/// The half of a spectrum that a real signal has, completed by its mirror image.
void complete(Signal& spectrum, std::int64_t known) {
  const auto n = static_cast<std::int64_t>(spectrum.size());
  for (std::int64_t k = n / 2 + 1; k < n; ++k) {
    const auto mirror = static_cast<std::size_t>(n - k);
    spectrum[static_cast<std::size_t>(k)] = n - k < known ? std::conj(spectrum[mirror]) : Complex();
  }
}

void write_signal(const Signal& signal, std::int64_t parts, std::int64_t offset,
                  std::int64_t stride, Tensor& out) {
  for (std::size_t k = 0; k < signal.size(); ++k) {
    const double pair[2] = {signal[k].real(), signal[k].imag()};
    store(out.dtype(), out.mutable_raw().data(), offset + static_cast<std::int64_t>(k) * stride, 1,
          parts, pair);
  }
}

std::int64_t parts_of(const KernelCall& call, const Tensor& x) {
  require_type(call, x.dtype(), kFloats);
  if (x.rank() < 2 || (x.dims().back() != 1 && x.dims().back() != 2)) {
    call.fail("the last dimension of " + format_dims(x.dims()) + " must be 1 or 2");
  }
  return x.dims().back();
}

}  // namespace

void dft(KernelCall& call) {
  const Tensor& x = call.input(0);
  const std::int64_t parts = parts_of(call, x);
  const bool is_inverse = call.attributes().get_int("inverse", 0) != 0;
  const bool is_onesided = call.attributes().get_int("onesided", 0) != 0;
  std::int64_t axis = call.opset() >= 20 ? -2 : call.attributes().get_int("axis", 1);
  if (call.has_input(2)) axis = int_scalar_input(call, 2);
  axis = normalise_axis(call, axis, x.rank());
  if (axis == x.rank() - 1) call.fail("the last axis holds real and imaginary parts");
  const std::int64_t length = x.dim(static_cast<int>(axis));
  const bool is_real = is_inverse && is_onesided;
  std::int64_t n = is_real ? 2 * (length - 1) : length;
  if (call.has_input(1)) n = int_scalar_input(call, 1);
  if (n < 1 || n > (std::int64_t{1} << 30)) call.fail("the length is out of range");
  const std::int64_t count = is_onesided && !is_inverse ? n / 2 + 1 : n;
  Dims dims = x.dims();
  dims[static_cast<std::size_t>(axis)] = count;
  dims.back() = is_real ? 1 : 2;
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  const std::int64_t inner = product(x.dims(), axis + 1, x.rank() - 1);
  const std::vector<double> values = to_doubles(x);
  parallel_for(product(x.dims(), 0, axis) * inner, n * count, [&](std::int64_t row) {
    const std::int64_t from = (row / inner * length * inner + row % inner) * parts;
    Signal signal = read_signal(values, from, inner * parts, parts, length, n);
    if (is_real) complete(signal, length);
    write_signal(transform(signal, n, count, is_inverse), dims.back(),
                 (row / inner * count * inner + row % inner) * dims.back(), inner * dims.back(),
                 out);
  });
}

void stft(KernelCall& call) {
  Tensor x = call.input(0);
  if (x.rank() == 2) x = x.reshaped({x.dim(0), x.dim(1), 1});
  const std::int64_t parts = parts_of(call, x);
  if (x.rank() != 3) call.fail("input " + format_dims(x.dims()) + " must have 3 dimensions");
  const std::int64_t length = x.dim(1);
  const std::int64_t step = int_scalar_input(call, 1);
  const std::vector<double> window =
      call.has_input(2) ? to_doubles(call.input(2)) : std::vector<double>{};
  std::int64_t n = window.empty() ? length : static_cast<std::int64_t>(window.size());
  if (call.has_input(3)) n = int_scalar_input(call, 3);
  if (step < 1 || n < 1 || n > length ||
      (!window.empty() && static_cast<std::int64_t>(window.size()) != n)) {
    call.fail("frames of " + std::to_string(n) + " do not fit a signal of " +
              std::to_string(length));
  }
  const bool is_onesided = call.attributes().get_int("onesided", 1) != 0;
  const std::int64_t frames = (length - n) / step + 1;
  const std::int64_t count = is_onesided ? n / 2 + 1 : n;
  Tensor& out = allocate(call, 0, x.dtype(), {x.dim(0), frames, count, 2});
  const std::vector<double> values = to_doubles(x);
  parallel_for(x.dim(0) * frames, n * count, [&](std::int64_t row) {
    const std::int64_t from = (row / frames * length + row % frames * step) * parts;
    Signal signal = read_signal(values, from, parts, parts, n, n);
    for (std::size_t t = 0; t < window.size(); ++t)
      signal[t] *= window[t];
    write_signal(transform(signal, n, count, false), 2, row * count * 2, 2, out);
  });
}

}  // namespace braid::reference::ops
