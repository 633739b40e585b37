#include <algorithm>
#include <cmath>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/resize.hpp"

namespace braid::reference {
namespace {

struct Options {
  std::string mode, coordinates, rounding;
  double cubic = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};

/// One axis: its sizes, the scale between them, and the region of interest as fractions.
struct Axis {
  std::int64_t in = 0;
  std::int64_t out = 0;
  float scale = 1.0F;
  float roi_start = 0.0F;
  float roi_end = 1.0F;
};

Options read_options(const KernelCall& call) {
  const auto& attributes = call.attributes();
  const bool legacy = call.opset() < 11;  // opset 10 knew neither attribute
  Options options;
  options.mode = attributes.get_string("mode", "nearest");
  options.coordinates =
      attributes.get_string("coordinate_transformation_mode", legacy ? "asymmetric" : "half_pixel");
  // Opset 10 left the rounding open; its test data had it depend on the direction.
  options.rounding =
      legacy ? "by_direction" : attributes.get_string("nearest_mode", "round_prefer_floor");
  options.cubic = attributes.get_float("cubic_coeff_a", -0.75F);
  options.exclude_outside = attributes.get_int("exclude_outside", 0) != 0;
  options.antialias = attributes.get_int("antialias", 0) != 0;
  if (options.mode != "nearest" && options.mode != "linear" && options.mode != "cubic") {
    call.fail("mode " + options.mode + " is unknown");
  }
  return options;
}

/// The place in the input, in elements, that an output index stands for. In float, as ONNX's own
/// implementation and others compute it: ties and what is beyond the edge are decided by rounding.
float input_place(const KernelCall& call, const std::string& mode, const Axis& axis, float x) {
  const auto in = static_cast<float>(axis.in);
  const float out = axis.scale * in;  // not always whole
  const float half_pixel = (x + 0.5F) / axis.scale - 0.5F;
  if (mode == "half_pixel") return half_pixel;
  if (mode == "asymmetric") return x / axis.scale;
  if (mode == "align_corners") return out == 1.0F ? 0.0F : x * (in - 1.0F) / (out - 1.0F);
  if (mode == "pytorch_half_pixel") return out == 1.0F ? -0.5F : half_pixel;
  if (mode == "tf_half_pixel_for_nn") return (x + 0.5F) / axis.scale;
  if (mode == "half_pixel_symmetric") {
    return in / 2.0F * (1.0F - static_cast<float>(axis.out) / out) + half_pixel;
  }
  if (mode == "tf_crop_and_resize") {
    const float length = (axis.roi_end - axis.roi_start) * (in - 1.0F);
    const float place = out == 1.0F ? length / 2.0F : x * length / (out - 1.0F);
    return place + axis.roi_start * (in - 1.0F);
  }
  call.fail("coordinate_transformation_mode " + mode + " is unknown");
}

double nearest_index(const KernelCall& call, std::string rounding, const Axis& axis, double place) {
  if (rounding == "by_direction") rounding = axis.scale < 1.0F ? "ceil" : "floor";
  if (rounding == "round_prefer_floor") return std::ceil(place - 0.5);
  if (rounding == "round_prefer_ceil") return std::floor(place + 0.5);
  if (rounding == "floor") return std::floor(place);
  if (rounding == "ceil") return std::ceil(place);
  call.fail("nearest_mode " + rounding + " is unknown");
}

/// Weight of an input element at distance x; R. Keys, "Cubic Convolution Interpolation", 1981.
double kernel_weight(const Options& options, double x) {
  x = std::fabs(x);
  if (options.mode == "linear") return std::max(0.0, 1.0 - x);
  const double a = options.cubic;
  if (x <= 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a;
  return 0.0;
}

Mixture mix(const KernelCall& call, const Options& options, const Axis& axis, std::int64_t index) {
  const auto most = static_cast<double>(axis.in - 1);
  const double place = input_place(call, options.coordinates, axis, static_cast<float>(index));
  if (!std::isfinite(place)) call.fail("scales and sizes give no place in the input");
  Mixture result;
  result.outside = options.coordinates == "tf_crop_and_resize" && (place < 0.0 || place > most);
  const auto inside = [&](double i) { return static_cast<std::int64_t>(std::clamp(i, 0.0, most)); };
  if (options.mode == "nearest") {
    result.taps.push_back({inside(nearest_index(call, options.rounding, axis, place)), 1.0});
    return result;
  }
  // Antialiasing widens the kernel to cover all that a reduced output element stands for.
  const double shrink = options.antialias ? std::min<double>(axis.scale, 1.0) : 1.0;
  const double base = std::floor(place);
  const double reach = std::floor((options.mode == "linear" ? -1.0 : -2.0) / shrink) + 1.0;
  if (reach < -1e6) call.fail("scale " + std::to_string(axis.scale) + " is too small");
  double total = 0.0;
  for (double i = reach; i < 2.0 - reach; ++i) {
    double weight = kernel_weight(options, shrink * (i - (place - base)));
    const bool beyond = base + i < 0.0 || base + i > most;
    if (options.exclude_outside && beyond) weight = 0.0;
    if (weight == 0.0) continue;
    total += weight;
    result.taps.push_back({inside(base + i), weight});
  }
  if (options.exclude_outside || shrink < 1.0) {
    for (Tap& tap : result.taps)
      tap.weight /= total;
  }
  return result;
}

/// Sizes and scales of all axes, from whichever of the inputs is there.
std::vector<Axis> read_axes(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const bool legacy = call.opset() < 11;  // inputs X, scales; Upsample: an attribute before 9
  const std::size_t scales_at = legacy ? 1 : 2;
  std::vector<Axis> result;
  for (const std::int64_t dim : x.dims())
    result.push_back({dim, dim});
  Dims axes = call.attributes().get_ints("axes");
  if (axes.empty()) {
    for (std::int64_t d = 0; d < x.rank(); ++d)
      axes.push_back(d);
  }
  normalise_axes(call, axes, x.rank());  // in range, each once
  for (std::int64_t& axis : axes)
    axis = normalise_axis(call, axis, x.rank());
  const auto floats_of = [&](std::size_t input, std::size_t count) -> std::vector<double> {
    if (!call.has_input(input) || call.input(input).size() == 0) return {};
    require_type(call, call.input(input).dtype(), kNumbers);
    std::vector<double> values = to_doubles(call.input(input));
    if (values.size() != count) {
      call.fail("input " + std::to_string(input) + " must have " + std::to_string(count) +
                " values");
    }
    return values;
  };
  std::vector<double> scales = floats_of(scales_at, axes.size());
  if (const auto given = call.attributes().get_floats("scales"); given.size() == axes.size()) {
    scales.assign(given.begin(), given.end());
  }
  const std::vector<double> sizes = legacy ? std::vector<double>{} : floats_of(3, axes.size());
  const std::vector<double> roi = legacy ? std::vector<double>{} : floats_of(1, 2 * axes.size());
  if (scales.empty() == sizes.empty()) call.fail("either scales or sizes must be given");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    Axis& axis = result[static_cast<std::size_t>(axes[i])];
    if (!roi.empty()) {
      axis.roi_start = static_cast<float>(roi[i]);
      axis.roi_end = static_cast<float>(roi[axes.size() + i]);
    }
    const auto in = static_cast<float>(axis.in);
    axis.scale = static_cast<float>(sizes.empty() ? scales[i] : sizes[i] / in);
    const double out = sizes.empty() ? std::floor(in * axis.scale) : sizes[i];  // 10 * 0.7F is 7
    if (!(out >= 0 && out < 1e13) || (axis.in == 0 && out > 0) || (out > 0 && axis.scale <= 0)) {
      call.fail("scales or sizes are out of range");
    }
    axis.out = static_cast<std::int64_t>(out);
  }
  const std::string policy = call.attributes().get_string("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch" || sizes.empty()) return result;
  if (policy != "not_larger" && policy != "not_smaller")
    call.fail("policy " + policy + " is unknown");
  float common = result[static_cast<std::size_t>(axes[0])].scale;
  for (const std::int64_t d : axes) {
    const float scale = result[static_cast<std::size_t>(d)].scale;
    common = policy == "not_larger" ? std::min(common, scale) : std::max(common, scale);
  }
  for (const std::int64_t d : axes) {
    Axis& axis = result[static_cast<std::size_t>(d)];
    axis.scale = common;
    axis.out = static_cast<std::int64_t>(std::floor(common * static_cast<float>(axis.in) + 0.5F));
  }
  return result;
}

/// One axis after the other: the kernels are products of one-dimensional ones.
template <class W>
void resample(const Tensor& x, const std::vector<std::vector<Mixture>>& mixtures, W extrapolation,
              Tensor& out) {
  std::vector<W> values(static_cast<std::size_t>(x.size()));
  load(x.dtype(), x.raw().data(), 0, 1, x.size(), values.data());
  Dims dims = x.dims();
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto size = static_cast<std::int64_t>(mixtures[d].size());
    const std::int64_t outer = product(dims, 0, static_cast<std::int64_t>(d));
    const std::int64_t inner = product(dims, static_cast<std::int64_t>(d) + 1, x.rank());
    std::vector<W> next(static_cast<std::size_t>(outer * size * inner));
    parallel_for(outer * size, 2 * inner, [&](std::int64_t row) {
      W* to = next.data() + row * inner;
      for (const Tap& tap : mixtures[d][static_cast<std::size_t>(row % size)].taps) {
        const W* from = values.data() + (row / size * dims[d] + tap.index) * inner;
        for (std::int64_t i = 0; i < inner; ++i)
          to[i] += static_cast<W>(tap.weight) * from[i];
      }
    });
    values = std::move(next);
    dims[d] = size;
  }
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const std::int64_t inner = product(dims, static_cast<std::int64_t>(d) + 1, x.rank());
    for (std::size_t row = 0; row * static_cast<std::size_t>(inner) < values.size(); ++row) {
      if (!mixtures[d][row % mixtures[d].size()].outside) continue;
      std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(row) * inner, inner, extrapolation);
    }
  }
  store(out.dtype(), out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

}  // namespace

std::vector<std::vector<Mixture>> resize_mixtures(const KernelCall& call) {
  const Options options = read_options(call);
  std::vector<std::vector<Mixture>> mixtures;
  for (const Axis& axis : read_axes(call)) {
    std::vector<Mixture>& along = mixtures.emplace_back();
    for (std::int64_t i = 0; i < axis.out; ++i)
      along.push_back(mix(call, options, axis, i));
  }
  return mixtures;
}

void ops::resize(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kAll);
  const Options options = read_options(call);
  Dims dims;
  for (const Axis& axis : read_axes(call))
    dims.push_back(axis.out);
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  if (out.size() == 0) return;
  const std::vector<std::vector<Mixture>> mixtures = resize_mixtures(call);
  const double extrapolation = call.attributes().get_float("extrapolation_value", 0.0F);
  if (options.mode != "nearest") {
    resample(x, mixtures, extrapolation, out);
    return;
  }
  // In the type's own wide type, so that large integers stay what they are.
  dispatch_wide(call, x.dtype(), kAll, [&](auto tag) {
    using W = typename decltype(tag)::type;
    W value{};
    Tensor rounded = Tensor::allocate(x.dtype(), {1});
    store(x.dtype(), rounded.mutable_raw().data(), 0, 1, 1, &extrapolation);
    load(x.dtype(), rounded.raw().data(), 0, 1, 1, &value);
    resample(x, mixtures, value, out);
  });
}

}  // namespace braid::reference
