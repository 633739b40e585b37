#include <algorithm>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/gemm.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/window.hpp"

namespace braid::reference::ops {
namespace {

/// The product's batch is (image, group); its columns are output positions, in row-major order.
struct Geometry {
  Window window;
  std::int64_t images = 0;
  std::int64_t groups = 0;
  std::int64_t in_channels = 0;   // of one group
  std::int64_t out_channels = 0;  // of one group
};

/// A tap's row of one output line: which of its positions meet the input, and where.
struct Run {
  std::int64_t first = 0, count = 0;  // positions among the line's
  std::int64_t step = 1;              // from one such position to the next
  std::int64_t from = 0;              // the first one's place in the input line
  std::int64_t from_step = 1;
};

/// im2col, made row by row when it is asked for: row (channel, tap), column output position.
class PatchSource : public MatrixSource {
 public:
  PatchSource(const Tensor& x, const Geometry& geometry)
      : dtype_(x.dtype()), x_(x.raw().data()), geometry_(geometry), window_(geometry.window) {}

  void read(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
            double* to) const override {
    const Window& w = window_;
    const std::int64_t kx = row % w.kernel[2];
    const std::int64_t ky = row / w.kernel[2] % w.kernel[1];
    const std::int64_t kz = row / (w.kernel[2] * w.kernel[1]) % w.kernel[0];
    const std::int64_t channel = batch * geometry_.in_channels + row / w.taps();
    std::fill_n(to, count, 0.0);
    while (count > 0) {
      const std::int64_t ox = first % w.out[2];
      const std::int64_t n = std::min(count, w.out[2] - ox);
      const std::int64_t iy = input_index(1, first / w.out[2] % w.out[1], ky);
      const std::int64_t iz = input_index(0, first / (w.out[2] * w.out[1]), kz);
      const Run run = line_run(ox, n, kx);
      if (iy >= 0 && iz >= 0 && run.count > 0) {
        const std::int64_t line = ((channel * w.in[0] + iz) * w.in[1] + iy) * w.in[2];
        read_run(line, run, to);
      }
      to += n;
      first += n;
      count -= n;
    }
  }

 protected:
  /// Where a tap of an output position lies in the input; negative if nowhere.
  virtual std::int64_t input_index(std::size_t d, std::int64_t position, std::int64_t tap) const {
    const std::int64_t index =
        position * window_.stride[d] + tap * window_.dilation[d] - window_.pad_begin[d];
    return index < window_.in[d] ? index : -1;
  }

  virtual Run line_run(std::int64_t ox, std::int64_t n, std::int64_t tap) const {
    const std::int64_t stride = window_.stride[2];
    const std::int64_t shift = tap * window_.dilation[2] - window_.pad_begin[2];
    const std::int64_t first = std::max(ox, ceil_div(-shift, stride));
    const std::int64_t end = std::min(ox + n, ceil_div(window_.in[2] - shift, stride));
    return {first - ox, end - first, 1, first * stride + shift, stride};
  }

  const Window& window() const { return window_; }

 private:
  void read_run(std::int64_t line, const Run& run, double* to) const {
    if (run.step == 1) {
      load(dtype_, x_, line + run.from, run.from_step, run.count, to + run.first);
      return;
    }
    double values[kChunk];
    for (std::int64_t done = 0; done < run.count; done += kChunk) {
      const std::int64_t n = std::min(kChunk, run.count - done);
      load(dtype_, x_, line + run.from + done * run.from_step, run.from_step, n, values);
      for (std::int64_t i = 0; i < n; ++i)
        to[run.first + (done + i) * run.step] = values[i];
    }
  }

  DType dtype_;
  const std::byte* x_;
  const Geometry& geometry_;
  const Window& window_;
};

/// The same for the transposed convolution: an input element reaches output position
/// index * stride + tap * dilation - pad.
class TransposedPatchSource : public PatchSource {
 public:
  using PatchSource::PatchSource;

 protected:
  std::int64_t input_index(std::size_t d, std::int64_t position, std::int64_t tap) const override {
    const Window& w = window();
    const std::int64_t reached = position + w.pad_begin[d] - tap * w.dilation[d];
    if (reached < 0 || reached % w.stride[d] != 0) return -1;
    return reached / w.stride[d] < w.in[d] ? reached / w.stride[d] : -1;
  }

  Run line_run(std::int64_t ox, std::int64_t n, std::int64_t tap) const override {
    const Window& w = window();
    const std::int64_t shift = w.pad_begin[2] - tap * w.dilation[2];
    const std::int64_t from = std::max<std::int64_t>(0, ceil_div(ox + shift, w.stride[2]));
    const std::int64_t end = std::min(w.in[2], ceil_div(ox + n + shift, w.stride[2]));
    return {from * w.stride[2] - shift - ox, end - from, w.stride[2], from, 1};
  }
};

/// ConvTranspose's weights [in channel, out channel, tap] as rows out channel, columns (in channel,
/// tap), which is the order of the patches' rows.
class TransposedWeights : public MatrixSource {
 public:
  TransposedWeights(const Tensor& w, const Geometry& geometry)
      : dtype_(w.dtype()), w_(w.raw().data()), geometry_(geometry) {}

  void read(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
            double* to) const override {
    const std::int64_t taps = geometry_.window.taps();
    const std::int64_t group = batch % geometry_.groups;
    for (; count > 0; ++first, --count) {
      const std::int64_t channel = group * geometry_.in_channels + first / taps;
      const std::int64_t at = (channel * geometry_.out_channels + row) * taps + first % taps;
      load(dtype_, w_, at, 1, 1, to++);
    }
  }

 private:
  DType dtype_;
  const std::byte* w_;
  const Geometry& geometry_;
};

/// Adds the bias and rounds.
class ConvSink : public MatrixSink {
 public:
  ConvSink(Tensor& out, const Geometry& geometry, std::vector<double> bias)
      : dtype_(out.dtype()),
        to_(out.mutable_raw().data()),
        geometry_(geometry),
        bias_(std::move(bias)) {}

  void write(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
             const double* from) const override {
    const std::int64_t channel = batch % geometry_.groups * geometry_.out_channels + row;
    const double bias = bias_.empty() ? 0.0 : bias_[static_cast<std::size_t>(channel)];
    const std::int64_t at =
        (batch * geometry_.out_channels + row) * geometry_.window.out_plane() + first;
    for (std::int64_t done = 0; done < count; done += kChunk) {
      const std::int64_t n = std::min(kChunk, count - done);
      double values[kChunk];
      for (std::int64_t i = 0; i < n; ++i)
        values[i] = from[done + i] + bias;
      store(dtype_, to_, at + done, 1, n, values);
    }
  }

 private:
  DType dtype_;
  std::byte* to_;
  const Geometry& geometry_;
  std::vector<double> bias_;
};

/// Types, ranks, kernel and groups; `in_axis` is the axis of the input channels in the weights.
Geometry read_geometry(const KernelCall& call, std::size_t in_axis) {
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  require_same_type(call, x, w);
  require_type(call, x.dtype(), kFloats);
  if (w.rank() < 3 || w.rank() != x.rank()) {
    call.fail("input " + format_dims(x.dims()) + " and weights " + format_dims(w.dims()) +
              " must have one rank, of at least 3");
  }
  const Dims kernel(w.dims().begin() + 2, w.dims().end());
  if (const Dims stated = call.attributes().get_ints("kernel_shape");
      !stated.empty() && stated != kernel) {
    call.fail("kernel_shape " + format_dims(stated) + " is not that of the weights, " +
              format_dims(kernel));
  }
  Geometry geometry;
  geometry.window = read_window(call, x.dims(), kernel);
  geometry.images = x.dim(0);
  geometry.groups = call.attributes().get_int("group", 1);
  const std::int64_t channels = x.dim(1);
  const std::int64_t split = w.dim(0);  // the weights' channels that the groups share out
  if (geometry.groups < 1 || channels % geometry.groups != 0 || split % geometry.groups != 0) {
    call.fail("group " + std::to_string(geometry.groups) + " does not divide the channels");
  }
  geometry.in_channels = channels / geometry.groups;
  geometry.out_channels = in_axis == 1 ? split / geometry.groups : w.dim(1);
  if ((in_axis == 1 ? w.dim(1) * geometry.groups : split) != channels) {
    call.fail("input " + format_dims(x.dims()) + " and weights " + format_dims(w.dims()) +
              " differ in channels");
  }
  return geometry;
}

std::vector<double> read_bias(const KernelCall& call, const Geometry& geometry) {
  if (!call.has_input(2)) return {};
  const Tensor& bias = call.input(2);
  require_same_type(call, call.input(0), bias);
  if (bias.size() != geometry.groups * geometry.out_channels) {
    call.fail("bias " + format_dims(bias.dims()) + " must have one value per output channel");
  }
  return to_doubles(bias);
}

/// A 1x1 convolution sees its input as one long line, which makes for long inner loops.
void flatten_pointwise(Window& w) {
  const Window::Three ones{1, 1, 1};
  if (w.kernel != ones || w.stride != ones || w.in != w.out) return;
  w.in = w.out = {1, 1, w.in_plane()};
}

/// ConvTranspose's `out`, and its pads where output_shape or auto_pad decide them.
void resolve_transposed(const KernelCall& call, Window& w) {
  const auto rank = static_cast<std::size_t>(w.rank);
  const std::string mode = call.attributes().get_string("auto_pad", "NOTSET");
  const Dims stated = call.attributes().get_ints("output_shape");
  Dims extra = call.attributes().get_ints("output_padding");
  if (extra.empty()) extra.assign(rank, 0);
  if (extra.size() != rank) call.fail("output_padding " + format_dims(extra) + " has wrong size");
  // With batch and channels, as some exporters write it, or without.
  if (!stated.empty() && stated.size() != rank && stated.size() != rank + 2) {
    call.fail("output_shape " + format_dims(stated) + " has wrong size");
  }
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t d = 3 - rank + i;
    if (extra[i] < 0 || extra[i] >= std::max(w.stride[d], w.dilation[d])) {
      call.fail("output_padding " + format_dims(extra) + " is out of range");
    }
    const std::int64_t whole =
        w.stride[d] * (w.in[d] - 1) + extra[i] + (w.kernel[d] - 1) * w.dilation[d] + 1;
    const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    if (stated.empty() && !same) {
      if (mode == "VALID") w.pad_begin[d] = w.pad_end[d] = 0;
      w.out[d] = std::max<std::int64_t>(0, whole - w.pad_begin[d] - w.pad_end[d]);
      continue;
    }
    // Padding takes away, never adds: windows that leave gaps give less than in * stride.
    w.out[d] = stated.empty() ? std::clamp<std::int64_t>(whole, 0, w.in[d] * w.stride[d])
                              : stated[stated.size() - rank + i];
    if (w.out[d] < 0) call.fail("output_shape " + format_dims(stated) + " is negative");
    const std::int64_t pads = std::max<std::int64_t>(0, whole - w.out[d]);
    w.pad_begin[d] = mode == "SAME_UPPER" ? pads / 2 : pads - pads / 2;
    w.pad_end[d] = pads - w.pad_begin[d];
  }
}

}  // namespace

void conv(KernelCall& call) {
  Geometry geometry = read_geometry(call, 1);
  resolve_window(call, geometry.window, false);
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  Tensor& out = allocate(call, 0, x.dtype(), geometry.window.out_dims(geometry.images, w.dim(0)));
  flatten_pointwise(geometry.window);
  StridedSource weights;
  weights.dtype = w.dtype();
  weights.data = w.raw().data();
  weights.column_stride = 1;
  weights.row_stride = geometry.in_channels * geometry.window.taps();
  for (std::int64_t b = 0; b < geometry.images * geometry.groups; ++b) {
    weights.offsets.push_back(b % geometry.groups * geometry.out_channels * weights.row_stride);
  }
  gemm({geometry.images * geometry.groups, geometry.out_channels, geometry.window.out_plane(),
        weights.row_stride},
       weights, PatchSource(x, geometry), ConvSink(out, geometry, read_bias(call, geometry)));
}

void conv_transpose(KernelCall& call) {
  Geometry geometry = read_geometry(call, 0);
  resolve_transposed(call, geometry.window);
  const Tensor& x = call.input(0);
  const Window& window = geometry.window;
  Tensor& out = allocate(call, 0, x.dtype(),
                         window.out_dims(geometry.images, geometry.groups * geometry.out_channels));
  gemm({geometry.images * geometry.groups, geometry.out_channels, window.out_plane(),
        geometry.in_channels * window.taps()},
       TransposedWeights(call.input(1), geometry), TransposedPatchSource(x, geometry),
       ConvSink(out, geometry, read_bias(call, geometry)));
}

}  // namespace braid::reference::ops
