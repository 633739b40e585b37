#include <algorithm>
#include <cmath>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

struct Sampling {
  int reach = 1;  ///< taps on either side of a place: 0 nearest, 1 linear, 2 cubic
  std::string padding;
  bool align_corners = false;
};

Sampling read_sampling(const KernelCall& call) {
  const std::string mode = call.attributes().get_string("mode", "linear");
  Sampling sampling;
  if (mode == "nearest") {
    sampling.reach = 0;
  } else if (mode == "cubic" || mode == "bicubic") {
    sampling.reach = 2;
  } else if (mode != "linear" && mode != "bilinear") {
    call.fail("mode " + mode + " is unknown");
  }
  sampling.padding = call.attributes().get_string("padding_mode", "zeros");
  if (sampling.padding != "zeros" && sampling.padding != "border" &&
      sampling.padding != "reflection") {
    call.fail("padding_mode " + sampling.padding + " is unknown");
  }
  sampling.align_corners = call.attributes().get_int("align_corners", 0) != 0;
  return sampling;
}

double reflect(double x, double least, double most) {
  const double range = most - least;
  if (range <= 0.0) return least;
  const double beyond = x < least ? least - x : x - most;
  if (beyond <= 0.0) return x;
  const double turns = std::floor(beyond / range);
  const double rest = beyond - turns * range;
  const bool is_back = std::fmod(turns, 2.0) == 0.0;
  return (x < least) == is_back ? least + rest : most - rest;
}

/// The place inside the image that stands for one outside of it.
double inside(const Sampling& sampling, double place, std::int64_t size) {
  const double edge = sampling.align_corners ? 0.0 : 0.5;
  const auto most = static_cast<double>(size - 1);
  if (sampling.padding == "border") return std::clamp(place, 0.0, most);
  if (sampling.padding == "reflection") return reflect(place, -edge, most + edge);
  return place;
}

/// The element at a whole place along one dimension; -1 for a zero.
std::int64_t element(const Sampling& sampling, double place, std::int64_t size) {
  const auto most = static_cast<double>(size - 1);
  const double at = inside(sampling, place, size);
  if (!(at >= -0.5 && at <= most + 0.5)) return -1;
  const double whole = sampling.padding == "zeros" ? at : std::clamp(std::trunc(at), 0.0, most);
  return whole < 0.0 || whole > most ? -1 : static_cast<std::int64_t>(whole);
}

/// R. Keys, "Cubic Convolution Interpolation", 1981; or the hat function.
double tap_weight(const Sampling& sampling, double distance) {
  const double x = std::fabs(distance);
  if (sampling.reach == 0) return 1.0;
  if (sampling.reach == 1) return std::max(0.0, 1.0 - x);
  constexpr double kSharpness = -0.75;
  if (x <= 1.0) return ((kSharpness + 2.0) * x - (kSharpness + 3.0)) * x * x + 1.0;
  return x < 2.0
             ? ((kSharpness * x - 5.0 * kSharpness) * x + 8.0 * kSharpness) * x - 4.0 * kSharpness
             : 0.0;
}

struct Tap {
  std::int64_t index;  ///< -1 for a zero
  double weight;
};

std::vector<Tap> taps_of(const Sampling& sampling, double coordinate, std::int64_t size) {
  const auto length = static_cast<double>(size);
  // In float, as ONNX's own implementation: which element is nearest depends on it.
  const auto raw =
      static_cast<float>(sampling.align_corners ? (coordinate + 1.0) / 2.0 * (length - 1.0)
                                                : ((coordinate + 1.0) * length - 1.0) / 2.0);
  if (!std::isfinite(raw)) return {};
  if (sampling.reach == 0) {
    return {{element(sampling, inside(sampling, std::nearbyint(raw), size), size), 1.0}};
  }
  const double place = inside(sampling, raw, size);
  const double base = std::floor(place);
  std::vector<Tap> taps;
  for (int i = 1 - sampling.reach; i <= sampling.reach; ++i) {
    taps.push_back({element(sampling, base + i, size), tap_weight(sampling, place - base - i)});
  }
  return taps;
}

/// Sum over all combinations of one tap per dimension.
double mix(const std::vector<std::vector<Tap>>& taps, const Dims& strides, const double* plane,
           std::size_t dimension = 0, std::int64_t offset = 0) {
  if (dimension == taps.size()) return plane[offset];
  double total = 0.0;
  for (const Tap& tap : taps[dimension]) {
    if (tap.index < 0 || tap.weight == 0.0) continue;
    const std::int64_t next = offset + tap.index * strides[dimension];
    total += tap.weight * mix(taps, strides, plane, dimension + 1, next);
  }
  return total;
}

}  // namespace

void grid_sample(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& grid = call.input(1);
  require_type(call, x.dtype(), kAll);
  require_type(call, grid.dtype(), kFloats);
  const std::int64_t spatial = x.rank() - 2;
  if (spatial < 1 || grid.rank() != x.rank() || grid.dims().back() != spatial ||
      grid.dim(0) != x.dim(0)) {
    call.fail("grid " + format_dims(grid.dims()) + " does not fit input " + format_dims(x.dims()));
  }
  const Sampling sampling = read_sampling(call);
  const Dims image(x.dims().begin() + 2, x.dims().end());
  const Dims strides = contiguous_strides(image);
  Dims dims(x.dims().begin(), x.dims().begin() + 2);
  dims.insert(dims.end(), grid.dims().begin() + 1, grid.dims().end() - 1);
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  if (out.size() == 0) return;
  if (product(image) == 0) call.fail("the input has no elements to sample");
  const std::vector<double> values = to_doubles(x);
  const std::vector<double> places = to_doubles(grid);
  const std::int64_t points = product(dims, 2, x.rank());
  const std::int64_t plane = product(image);
  std::byte* to = out.mutable_raw().data();
  parallel_for(x.dim(0) * points, 16 * x.dim(1), [&](std::int64_t at) {
    std::vector<std::vector<Tap>> taps;
    for (std::int64_t d = 0; d < spatial; ++d) {  // the grid names the last dimension first
      const double place = places[static_cast<std::size_t>(at * spatial + spatial - 1 - d)];
      taps.push_back(taps_of(sampling, place, image[static_cast<std::size_t>(d)]));
    }
    const std::int64_t first = at / points * x.dim(1);
    for (std::int64_t p = first; p < first + x.dim(1); ++p) {
      const double value = mix(taps, strides, values.data() + p * plane);
      store(x.dtype(), to, p * points + at % points, 1, 1, &value);
    }
  });
}

void affine_grid(KernelCall& call) {
  const Tensor& theta = call.input(0);
  require_type(call, theta.dtype(), kFloats);
  const Dims size = int_input(call, 1);
  const auto spatial = static_cast<std::int64_t>(size.size()) - 2;
  if ((spatial != 2 && spatial != 3) || theta.dims() != Dims{size[0], spatial, spatial + 1}) {
    call.fail("theta " + format_dims(theta.dims()) + " does not fit size " + format_dims(size));
  }
  const bool align_corners = call.attributes().get_int("align_corners", 0) != 0;
  const Dims image(size.begin() + 2, size.end());
  Dims dims = image;
  dims.insert(dims.begin(), size[0]);
  dims.push_back(spatial);
  Tensor& out = allocate(call, 0, theta.dtype(), dims);
  const std::vector<double> matrices = to_doubles(theta);
  const Dims strides = contiguous_strides(image);
  const std::int64_t points = product(image);
  std::byte* to = out.mutable_raw().data();
  parallel_for(size[0] * points, 16, [&](std::int64_t at) {
    double point[4] = {0.0, 0.0, 0.0, 0.0};  // x, y, (z,) 1
    for (std::int64_t d = 0; d < spatial; ++d) {
      const auto axis = static_cast<std::size_t>(spatial - 1 - d);
      const auto index = static_cast<double>(at % points / strides[axis] % image[axis]);
      const auto length = static_cast<double>(image[axis]);
      point[d] = align_corners ? (length == 1.0 ? -1.0 : 2.0 * index / (length - 1.0) - 1.0)
                               : (2.0 * index + 1.0) / length - 1.0;
    }
    point[spatial] = 1.0;
    const double* row = matrices.data() + at / points * spatial * (spatial + 1);
    for (std::int64_t d = 0; d < spatial; ++d, row += spatial + 1) {
      double value = 0.0;
      for (std::int64_t k = 0; k <= spatial; ++k)
        value += row[k] * point[k];
      store(theta.dtype(), to, at * spatial + d, 1, 1, &value);
    }
  });
}

}  // namespace braid::reference::ops
