#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/parallel.hpp"
#include "kernels/reference/window.hpp"

namespace braid::reference::ops {
namespace {

using Three = Window::Three;

/// Calls visit(input offset within the plane) for each tap of a window that meets the input.
template <class Visit>
void for_each_tap(const Window& w, const Three& position, const Visit& visit) {
  Three begin;
  Three end;
  for (std::size_t d = 0; d < 3; ++d) {
    const std::int64_t start = position[d] * w.stride[d] - w.pad_begin[d];
    const std::int64_t taps = std::min(w.kernel[d], ceil_div(w.in[d] - start, w.dilation[d]));
    begin[d] = start + std::max<std::int64_t>(0, ceil_div(-start, w.dilation[d])) * w.dilation[d];
    end[d] = start + taps * w.dilation[d];
  }
  for (std::int64_t z = begin[0]; z < end[0]; z += w.dilation[0]) {
    for (std::int64_t y = begin[1]; y < end[1]; y += w.dilation[1]) {
      for (std::int64_t x = begin[2]; x < end[2]; x += w.dilation[2]) {
        visit((z * w.in[1] + y) * w.in[2] + x);
      }
    }
  }
}

/// Taps that lie on the input or its padding, but not behind it, where ceil_mode lets windows
/// reach.
std::int64_t padded_taps(const Window& w, const Three& position) {
  std::int64_t taps = 1;
  for (std::size_t d = 0; d < 3; ++d) {
    const std::int64_t start = position[d] * w.stride[d] - w.pad_begin[d];
    const std::int64_t room = w.in[d] + w.pad_end[d] - start;
    const std::int64_t fitting = room <= 0 ? 0 : (room + w.dilation[d] - 1) / w.dilation[d];
    taps *= std::min(w.kernel[d], fitting);
  }
  return taps;
}

/// Calls pool(values of the input plane, plane, position, output offset) for every output element.
template <class W, class Pool>
void for_each_window(const Tensor& x, const Window& w, const Pool& pool) {
  const std::byte* from = x.raw().data();
  const std::int64_t plane = w.in_plane();
  parallel_for(x.dim(0) * x.dim(1), w.out_plane() * w.taps(), [&](std::int64_t p) {
    std::vector<W> values(static_cast<std::size_t>(plane));
    load(x.dtype(), from, p * plane, 1, plane, values.data());
    std::int64_t at = p * w.out_plane();
    for (std::int64_t z = 0; z < w.out[0]; ++z) {
      for (std::int64_t y = 0; y < w.out[1]; ++y) {
        for (std::int64_t c = 0; c < w.out[2]; ++c)
          pool(values.data(), p, Three{z, y, c}, at++);
      }
    }
  });
}

/// MaxPool's storage_order 1: the index counts the first spatial dimension fastest.
std::int64_t column_major(const Window& w, std::int64_t offset) {
  const std::int64_t x = offset % w.in[2];
  const std::int64_t y = offset / w.in[2] % w.in[1];
  const std::int64_t z = offset / (w.in[2] * w.in[1]);
  return (x * w.in[1] + y) * w.in[0] + z;
}

/// A global pool's output, and one row per plane through `pool(values, count)`.
template <class Pool>
void global_pool(KernelCall& call, const Pool& pool) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  if (x.rank() < 2)
    call.fail("input " + format_dims(x.dims()) + " must have at least 2 dimensions");
  Dims dims(x.dims().size(), 1);
  dims[0] = x.dim(0);
  dims[1] = x.dim(1);
  const std::int64_t plane = product(x.dims(), 2, x.rank());
  Tensor& out = call.output(0, x.dtype(), dims);
  std::byte* to = out.mutable_raw().data();
  const std::byte* from = x.raw().data();
  parallel_for(out.size(), plane, [&](std::int64_t p) {
    std::vector<double> values(static_cast<std::size_t>(plane));
    load(x.dtype(), from, p * plane, 1, plane, values.data());
    const double result = pool(values);
    store(x.dtype(), to, p, 1, 1, &result);
  });
}

double norm_order(const KernelCall& call) {
  const auto p = static_cast<double>(call.attributes().get_int("p", 2));
  if (p < 1.0) call.fail("p must be at least 1");
  return p;
}

Window pooling_window(const KernelCall& call) {
  Window w = read_window(call, call.input(0).dims(), call.attributes().get_ints("kernel_shape"));
  resolve_window(call, w, call.attributes().get_int("ceil_mode", 0) != 0);
  return w;
}

}  // namespace

void average_pool(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  const Window w = pooling_window(call);
  const bool count_pads = call.attributes().get_int("count_include_pad", 0) != 0;
  Tensor& out = allocate(call, 0, x.dtype(), w.out_dims(x.dim(0), x.dim(1)));
  std::byte* to = out.mutable_raw().data();
  for_each_window<double>(
      x, w, [&](const double* plane, std::int64_t, const Three& position, std::int64_t at) {
        double total = 0.0;
        std::int64_t taps = 0;
        for_each_tap(w, position, [&](std::int64_t offset) {
          total += plane[offset];
          ++taps;
        });
        if (count_pads) taps = padded_taps(w, position);
        // A window that meets padding only has no mean; other runtimes give 0.
        const double mean = taps == 0 ? 0.0 : total / static_cast<double>(taps);
        store(x.dtype(), to, at, 1, 1, &mean);
      });
}

void max_pool(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const Window w = pooling_window(call);
  const bool by_column = call.attributes().get_int("storage_order", 0) != 0;
  Tensor& out = allocate(call, 0, x.dtype(), w.out_dims(x.dim(0), x.dim(1)));
  std::int64_t* indices = nullptr;
  if (call.output_count() > 1) {
    Tensor& index_output = call.output(1, DType::Int64, out.dims());
    indices = index_output.mutable_data<std::int64_t>().data();
  }
  std::byte* to = out.mutable_raw().data();
  dispatch_wide(call, x.dtype(), kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    using Limits = std::numeric_limits<W>;
    for_each_window<W>(
        x, w, [&](const W* plane, std::int64_t p, const Three& position, std::int64_t at) {
          W best = std::is_floating_point_v<W> ? -Limits::infinity() : Limits::lowest();
          std::int64_t best_offset = -1;
          for_each_tap(w, position, [&](std::int64_t offset) {
            const W value = plane[offset];
            const bool better = value > best || (value != value && best == best);
            if (best_offset >= 0 && !better) return;
            best = value;
            best_offset = offset;
          });
          store(x.dtype(), to, at, 1, 1, &best);
          if (indices == nullptr) return;
          if (by_column && best_offset >= 0) best_offset = column_major(w, best_offset);
          indices[at] = best_offset < 0 ? -1 : p * w.in_plane() + best_offset;
        });
  });
}

void lp_pool(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  const Window w = pooling_window(call);
  const double p = norm_order(call);
  Tensor& out = allocate(call, 0, x.dtype(), w.out_dims(x.dim(0), x.dim(1)));
  std::byte* to = out.mutable_raw().data();
  for_each_window<double>(
      x, w, [&](const double* plane, std::int64_t, const Three& position, std::int64_t at) {
        double total = 0.0;
        for_each_tap(w, position,
                     [&](std::int64_t offset) { total += std::pow(std::fabs(plane[offset]), p); });
        const double norm = std::pow(total, 1.0 / p);
        store(x.dtype(), to, at, 1, 1, &norm);
      });
}

void global_lp_pool(KernelCall& call) {
  const double p = norm_order(call);
  global_pool(call, [p](const std::vector<double>& values) {
    double total = 0.0;
    for (const double value : values)
      total += std::pow(std::fabs(value), p);
    return std::pow(total, 1.0 / p);
  });
}

void global_average_pool(KernelCall& call) {
  global_pool(call, [](const std::vector<double>& values) {
    double total = 0.0;
    for (const double value : values)
      total += value;
    return total / static_cast<double>(values.size());
  });
}

void global_max_pool(KernelCall& call) {
  global_pool(call, [](const std::vector<double>& values) {
    double best = -std::numeric_limits<double>::infinity();
    for (const double value : values)
      best = larger(best, value);
    return best;
  });
}

}  // namespace braid::reference::ops
