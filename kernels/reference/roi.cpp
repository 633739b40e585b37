#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/indices.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

struct Sample {
  std::int64_t offsets[4];
  double weights[4];
};

/// Bilinear interpolation at a place of a plane; all weights are 0 beyond one element outside.
Sample sample_at(double y, double x, std::int64_t height, std::int64_t width) {
  const auto rows = static_cast<double>(height);
  const auto columns = static_cast<double>(width);
  if (!(y >= -1.0 && y <= rows && x >= -1.0 && x <= columns)) return {};
  y = std::clamp(y, 0.0, rows - 1.0);
  x = std::clamp(x, 0.0, columns - 1.0);
  const auto top = static_cast<std::int64_t>(y);
  const auto left = static_cast<std::int64_t>(x);
  const std::int64_t bottom = std::min(top + 1, height - 1);
  const std::int64_t right = std::min(left + 1, width - 1);
  const double dy = y - static_cast<double>(top);
  const double dx = x - static_cast<double>(left);
  return {{top * width + left, top * width + right, bottom * width + left, bottom * width + right},
          {(1 - dy) * (1 - dx), (1 - dy) * dx, dy * (1 - dx), dy * dx}};
}

/// Where the bins of a region lie along one dimension, and how many samples each has.
struct Bins {
  double start = 0.0;
  double size = 0.0;
  std::int64_t samples = 1;

  double place(std::int64_t bin, std::int64_t sample) const {
    return start + (static_cast<double>(bin) +
                    (static_cast<double>(sample) + 0.5) / static_cast<double>(samples)) *
                       size;
  }
};

Bins bins_of(const KernelCall& call, double from, double to, std::int64_t count) {
  const auto& attributes = call.attributes();
  const bool half_pixel =
      call.opset() >= 16 &&
      attributes.get_string("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  const double scale = attributes.get_float("spatial_scale", 1.0F);
  const double offset = half_pixel ? 0.5 : 0.0;
  double length = (to - from) * scale;
  if (!half_pixel) length = std::max(length, 1.0);
  Bins bins;
  bins.start = from * scale - offset;
  bins.size = length / static_cast<double>(count);
  const std::int64_t given = attributes.get_int("sampling_ratio", 0);
  const double wanted = given > 0 ? static_cast<double>(given) : std::ceil(bins.size);
  if (!(wanted < 1e5)) call.fail("a region is too large to be sampled");
  bins.samples = static_cast<std::int64_t>(std::max(wanted, 0.0));
  return bins;
}

struct Region {
  Bins rows, columns;
};

/// One output element. Of several samples the mean, or, as other runtimes have it, the largest of
/// all weighted neighbours.
double pool_bin(const double* plane, std::int64_t height, std::int64_t width, const Region& region,
                std::int64_t row, std::int64_t column, bool is_max) {
  double total = 0.0;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; i < region.rows.samples; ++i) {
    for (std::int64_t j = 0; j < region.columns.samples; ++j) {
      const Sample sample =
          sample_at(region.rows.place(row, i), region.columns.place(column, j), height, width);
      for (int k = 0; k < 4; ++k) {
        const double value = sample.weights[k] * plane[sample.offsets[k]];
        total += value;
        largest = std::max(largest, value);
      }
    }
  }
  const std::int64_t count = region.rows.samples * region.columns.samples;
  if (is_max) return count == 0 ? 0.0 : largest;
  return total / static_cast<double>(std::max<std::int64_t>(count, 1));
}

void require_images(const KernelCall& call, const Tensor& x, const Tensor& rois,
                    std::int64_t numbers) {
  require_type(call, x.dtype(), kFloats);
  require_same_type(call, x, rois);
  if (x.rank() != 4 || rois.rank() != 2 || rois.dim(1) != numbers || x.dim(2) * x.dim(3) == 0) {
    call.fail("regions " + format_dims(rois.dims()) + " do not fit input " + format_dims(x.dims()));
  }
}

}  // namespace

void roi_align(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& rois = call.input(1);
  require_images(call, x, rois, 4);
  const Dims images = checked_indices(call, 2, x.dim(0));
  if (static_cast<std::int64_t>(images.size()) != rois.dim(0)) {
    call.fail("there must be one batch index for each region");
  }
  const std::string mode = call.attributes().get_string("mode", "avg");
  if (mode != "avg" && mode != "max") call.fail("mode " + mode + " is unknown");
  const std::int64_t rows = call.attributes().get_int("output_height", 1);
  const std::int64_t columns = call.attributes().get_int("output_width", 1);
  if (rows < 1 || columns < 1) call.fail("the output has no elements");
  Tensor& out = allocate(call, 0, x.dtype(), {rois.dim(0), x.dim(1), rows, columns});
  const std::vector<double> values = to_doubles(x);
  const std::vector<double> corners = to_doubles(rois);
  std::vector<Region> regions;
  for (std::size_t r = 0; r < images.size(); ++r) {
    const double* corner = corners.data() + 4 * r;  // x1, y1, x2, y2
    regions.push_back(
        {bins_of(call, corner[1], corner[3], rows), bins_of(call, corner[0], corner[2], columns)});
  }
  std::byte* to = out.mutable_raw().data();
  const std::int64_t plane = x.dim(2) * x.dim(3);
  parallel_for(rois.dim(0) * x.dim(1), rows * columns * 16, [&](std::int64_t at) {
    const auto r = static_cast<std::size_t>(at / x.dim(1));
    const double* from = values.data() + (images[r] * x.dim(1) + at % x.dim(1)) * plane;
    for (std::int64_t bin = 0; bin < rows * columns; ++bin) {
      const double value = pool_bin(from, x.dim(2), x.dim(3), regions[r], bin / columns,
                                    bin % columns, mode == "max");
      store(x.dtype(), to, at * rows * columns + bin, 1, 1, &value);
    }
  });
}

void max_roi_pool(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& rois = call.input(1);
  require_images(call, x, rois, 5);
  const Dims pooled = call.attributes().get_ints("pooled_shape");
  if (pooled.size() != 2 || pooled[0] < 1 || pooled[1] < 1) {
    call.fail("pooled_shape " + format_dims(pooled) + " must be two positive numbers");
  }
  const double scale = call.attributes().get_float("spatial_scale", 1.0F);
  const std::vector<double> values = to_doubles(x);
  const std::vector<double> regions = to_doubles(rois);
  for (const double number : regions) {
    if (!(std::fabs(number) < 1e9)) call.fail("a region is out of range");
  }
  for (std::size_t r = 0; r < regions.size(); r += 5) {
    checked_index(call, static_cast<std::int64_t>(regions[r]), x.dim(0));
    if (regions[r] < 0.0) call.fail("a batch index is negative");
  }
  Tensor& out = allocate(call, 0, x.dtype(), {rois.dim(0), x.dim(1), pooled[0], pooled[1]});
  std::byte* to = out.mutable_raw().data();
  const std::int64_t plane = x.dim(2) * x.dim(3);
  // The elements of one bin along a dimension: [first, last).
  const auto range = [&](double from, double until, std::int64_t bin, std::int64_t bins,
                         std::int64_t size) {
    const double start = std::round(from * scale);
    const double length = std::max(std::round(until * scale) - start + 1.0, 1.0);
    const double width = length / static_cast<double>(bins);
    const auto most = static_cast<double>(size);
    const double first = std::floor(static_cast<double>(bin) * width) + start;
    const double last = std::ceil(static_cast<double>(bin + 1) * width) + start;
    return std::pair{static_cast<std::int64_t>(std::clamp(first, 0.0, most)),
                     static_cast<std::int64_t>(std::clamp(last, 0.0, most))};
  };
  parallel_for(rois.dim(0) * x.dim(1), plane, [&](std::int64_t at) {
    const double* region = regions.data() + at / x.dim(1) * 5;  // image, x1, y1, x2, y2
    const auto image = static_cast<std::int64_t>(region[0]);
    const double* from = values.data() + (image * x.dim(1) + at % x.dim(1)) * plane;
    for (std::int64_t bin = 0; bin < pooled[0] * pooled[1]; ++bin) {
      const auto [top, bottom] = range(region[2], region[4], bin / pooled[1], pooled[0], x.dim(2));
      const auto [left, right] = range(region[1], region[3], bin % pooled[1], pooled[1], x.dim(3));
      const bool is_empty = bottom <= top || right <= left;
      double best = is_empty ? 0.0 : -std::numeric_limits<double>::infinity();
      for (std::int64_t y = top; y < bottom; ++y) {
        for (std::int64_t i = y * x.dim(3) + left; i < y * x.dim(3) + right; ++i)
          best = std::max(best, from[i]);
      }
      store(x.dtype(), to, at * pooled[0] * pooled[1] + bin, 1, 1, &best);
    }
  });
}

}  // namespace braid::reference::ops
