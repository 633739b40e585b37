#include "kernels/cuda/pool.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int channels, rows, columns;
  int kernel, step, pad;
  bool is_max = true;
  bool counts_padding = false;
  bool is_channels_last = true;
  int dilation = 1;
  int overhang = 0;  // that the last windows reach beyond the padding
  Element element = Element::Float;
};

class PoolTest : public testing::TestWithParam<Case> {
 protected:
  static constexpr int kImages = 3;

  PoolAxis axis(int size, int inner) const {
    const Case& c = GetParam();
    PoolAxis made;
    made.size = size;
    made.kernel = c.kernel;
    made.step = c.step;
    made.dilation = c.dilation;
    made.pad_begin = made.pad_end = c.pad;
    made.y_size = (size + 2 * c.pad + c.overhang - c.dilation * (c.kernel - 1) - 1) / c.step + 1;
    made.x_stride = made.y_stride = inner;
    return made;
  }

  PoolArgs make_args() const {
    const Case& c = GetParam();
    PoolArgs args;
    const int inner = c.is_channels_last ? c.channels : 1;
    args.axes[0] = axis(c.columns, inner);
    args.axes[1] = axis(c.rows, inner);
    args.axes[1].x_stride = inner * c.columns;
    args.axes[1].y_stride = inner * args.axes[0].y_size;
    const int pixels = args.axes[0].y_size * args.axes[1].y_size;
    args.x_image = c.channels * c.rows * c.columns;
    args.y_image = c.channels * pixels;
    args.x_channel = c.is_channels_last ? 1 : c.rows * c.columns;
    args.y_channel = c.is_channels_last ? 1 : pixels;
    args.images = kImages;
    args.channels = c.channels;
    args.is_max = c.is_max;
    args.counts_padding = c.counts_padding;
    return args;
  }

  // Cells beyond the padding count in no mean.
  double expected(const PoolArgs& args, const Values& x, int image, int channel, int row,
                  int column) const {
    double largest = -INFINITY;
    double sum = 0.0;
    int count = 0;
    const PoolAxis& down = args.axes[1];
    const PoolAxis& across = args.axes[0];
    for (int r = 0; r < down.kernel; ++r)
      for (int s = 0; s < across.kernel; ++s) {
        const int y = row * down.step - down.pad_begin + r * down.dilation;
        const int z = column * across.step - across.pad_begin + s * across.dilation;
        if (y >= down.size + down.pad_end || z >= across.size + across.pad_end) continue;
        const bool is_inside = y >= 0 && y < down.size && z >= 0 && z < across.size;
        if (is_inside || args.counts_padding) ++count;
        if (!is_inside) continue;
        const double value =
            x[static_cast<std::size_t>(image * args.x_image + channel * args.x_channel +
                                       y * down.x_stride + z * across.x_stride)];
        largest = std::fmax(largest, value);
        sum += value;
      }
    return args.is_max ? largest : sum / count;
  }
};

TEST_P(PoolTest, AgreesWithDoublePrecision) {
  const Case& c = GetParam();
  PoolArgs args = make_args();
  const Values x = Values::random(c.element, static_cast<std::size_t>(kImages * args.x_image), 1);
  Values y(c.element, static_cast<std::size_t>(kImages * args.y_image));
  args.x = x.data();
  args.y = y.data();
  std::vector<double> all(y.size());
  for (int n = 0; n < kImages; ++n)
    for (int ch = 0; ch < c.channels; ++ch)
      for (int row = 0; row < args.axes[1].y_size; ++row)
        for (int column = 0; column < args.axes[0].y_size; ++column)
          all[static_cast<std::size_t>(
              n * args.y_image + ch * args.y_channel + row * args.axes[1].y_stride +
              column * args.axes[0].y_stride)] = expected(args, x, n, ch, row, column);
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch_pool(args, c.element), &args, schedule);
    expect_close(y, all, 1e-6 + rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, PoolTest,
    testing::Values(Case{"max", 33, 9, 7, 3, 2, 1},
                    Case{"max_first", 3, 9, 7, 3, 2, 1, true, false, false},
                    Case{"mean", 5, 8, 8, 2, 2, 0, false},
                    Case{"mean_padded", 5, 7, 9, 3, 1, 1, false},
                    Case{"mean_counting", 4, 7, 9, 3, 2, 1, false, true},
                    Case{"mean_overhanging", 4, 8, 8, 3, 2, 1, false, true, true, 1, 1},
                    Case{"dilated", 4, 9, 9, 3, 1, 2, true, false, true, 2},
                    Case{"whole", 40, 7, 7, 7, 1, 0, false, false, true, 1, 0, Element::Half},
                    Case{"single", 1, 1, 1, 1, 1, 0}),
    name_of<Case>);

// Two channels of 2 x 3 x 4; windows of 2 x 2 x 2, one of which holds a number that is none.
TEST(MaxPoolIndices, CountTheElementsOfTheInput) {
  Values x = Values::random(Element::Float, 2 * 24, 7);
  x.set(24 + 17, NAN);
  PoolArgs args;
  args.channels = 2;
  args.x_channel = 24;
  args.y_channel = 6;
  args.axes[0] = {4, 3, 2, 1, 1, 0, 0, 1, 1};
  args.axes[1] = {3, 2, 2, 1, 1, 0, 0, 4, 3};
  args.axes[2] = {2, 1, 2, 1, 1, 0, 0, 12, 6};
  Values y(Element::Float, 12);
  std::vector<std::int64_t> indices(12, -7);
  args.x = x.data();
  args.y = y.data();
  args.indices = indices.data();
  emulator::launch(launch_pool(args, Element::Float), &args);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto at = static_cast<std::size_t>(indices[i]);
    EXPECT_EQ(at / 24, i / 6);
    EXPECT_TRUE(y[i] == x[at] || (std::isnan(y[i]) && std::isnan(x[at])));
  }
  const std::vector<std::int64_t> by_rows = indices;
  args.counts_columns_first = true;
  emulator::launch(launch_pool(args, Element::Float), &args);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t at = by_rows[i] % 24;
    EXPECT_EQ(indices[i] % 24, (at % 4 * 3 + at / 4 % 3) * 2 + at / 12);
  }
}

TEST(LpPool, AgreesWithDoublePrecision) {
  const Values x = Values::random(Element::Float, 9, 1);
  for (const float norm : {1.0F, 2.0F, 3.0F}) {
    PoolArgs args;
    args.axes[0] = {9, 4, 3, 2, 1, 0, 0, 1, 1};
    args.is_max = false;
    args.norm = norm;
    Values y(Element::Float, 4);
    args.x = x.data();
    args.y = y.data();
    std::vector<double> expected;
    for (std::size_t i = 0; i < 4; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k < 3; ++k)
        sum += std::pow(std::fabs(x[2 * i + k]), norm);
      expected.push_back(std::pow(sum, 1.0 / norm));
    }
    emulator::launch(launch_pool(args, Element::Float), &args);
    expect_close(y, expected, 1e-6);
  }
}

TEST(AveragePool, OfNothingIsZero) {
  const Values x = Values::random(Element::Float, 2, 1);
  PoolArgs args;
  args.axes[0] = {2, 4, 1, 1, 1, 1, 1, 1, 1};
  args.is_max = false;
  Values y(Element::Float, 4);
  args.x = x.data();
  args.y = y.data();
  emulator::launch(launch_pool(args, Element::Float), &args);
  expect_close(y, {0.0, x[0], x[1], 0.0}, 0.0);
}

}  // namespace
}  // namespace braid::cuda
