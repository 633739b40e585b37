#include "kernels/cuda/resize.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int channels, rows, columns, y_rows, y_columns, taps;
  bool is_channels_last = true;
  Element element = Element::Float;
};

class ResizeTest : public testing::TestWithParam<Case> {
 protected:
  static constexpr int kImages = 2;

  struct Taps {
    std::vector<int> indices;
    std::vector<float> weights;
  };

  // Any pixels with any weights.
  static Taps taps(int size, int y_size, int count, std::uint32_t seed) {
    Taps made;
    for (const double number : random_numbers(static_cast<std::size_t>(y_size * count), seed)) {
      made.indices.push_back(static_cast<int>((number + 1) / 2 * size) % size);
      made.weights.push_back(static_cast<float>(number));
    }
    return made;
  }
};

TEST_P(ResizeTest, AgreesWithDoublePrecision) {
  const Case& c = GetParam();
  const Taps rows = taps(c.rows, c.y_rows, c.taps, 1);
  const Taps columns = taps(c.columns, c.y_columns, c.taps, 2);
  const int inner = c.is_channels_last ? c.channels : 1;
  ResizeArgs args;
  args.rows = {rows.indices.data(), rows.weights.data(), c.taps, c.y_rows,
               inner * c.columns,   inner * c.y_columns};
  args.columns = {
      columns.indices.data(), columns.weights.data(), c.taps, c.y_columns, inner, inner};
  args.x_image = c.channels * c.rows * c.columns;
  args.y_image = c.channels * c.y_rows * c.y_columns;
  args.x_channel = c.is_channels_last ? 1 : c.rows * c.columns;
  args.y_channel = c.is_channels_last ? 1 : c.y_rows * c.y_columns;
  args.images = kImages;
  args.channels = c.channels;
  const Values x = Values::random(c.element, static_cast<std::size_t>(kImages * args.x_image), 3);
  Values y(c.element, static_cast<std::size_t>(kImages * args.y_image));
  args.x = x.data();
  args.y = y.data();
  std::vector<double> expected(y.size());
  for (int n = 0; n < kImages; ++n)
    for (int ch = 0; ch < c.channels; ++ch)
      for (int row = 0; row < c.y_rows; ++row)
        for (int column = 0; column < c.y_columns; ++column) {
          double& sum = expected[static_cast<std::size_t>(n * args.y_image + ch * args.y_channel +
                                                          row * args.rows.y_stride +
                                                          column * args.columns.y_stride)];
          for (int i = 0; i < c.taps * c.taps; ++i) {
            const auto r = static_cast<std::size_t>(row * c.taps + i / c.taps);
            const auto s = static_cast<std::size_t>(column * c.taps + i % c.taps);
            const std::int64_t from = n * args.x_image + ch * args.x_channel +
                                      rows.indices[r] * args.rows.x_stride +
                                      columns.indices[s] * args.columns.x_stride;
            sum += double{rows.weights[r]} * columns.weights[s] * x[static_cast<std::size_t>(from)];
          }
        }
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch_resize(args, c.element), &args, schedule);
    expect_close(y, expected, 1e-6 + rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ResizeTest,
    testing::Values(Case{"nearest", 3, 4, 5, 8, 10, 1}, Case{"linear", 33, 3, 3, 7, 5, 2},
                    Case{"cubic_first", 2, 6, 5, 4, 9, 4, false},
                    Case{"single_half", 1, 1, 1, 1, 1, 2, true, Element::Half}),
    name_of<Case>);

// [2, 2, 3] to [3, 4, 3]: planes are mixed of two, rows and columns are picked.
TEST(Resize, MixesPlanes) {
  const Values x = Values::random(Element::Float, 12, 1);
  const std::vector<int> planes{0, 0, 0, 1, 1, 1};
  const std::vector<float> shares{1.0F, 0.0F, 0.25F, 0.75F, 0.0F, 1.0F};
  const std::vector<int> rows{0, 0, 1, 1};
  const std::vector<int> columns{2, 1, 0};
  const std::vector<float> ones(4, 1.0F);
  ResizeArgs args;
  args.planes = {planes.data(), shares.data(), 2, 3, 6, 12};
  args.rows = {rows.data(), ones.data(), 1, 4, 3, 3};
  args.columns = {columns.data(), ones.data(), 1, 3, 1, 1};
  Values y(Element::Float, 36);
  args.x = x.data();
  args.y = y.data();
  std::vector<double> expected;
  for (std::size_t p = 0; p < 3; ++p)
    for (const int row : rows)
      for (const int column : columns) {
        const auto at = static_cast<std::size_t>(row * 3 + column);
        expected.push_back(shares[2 * p] * x[at] + double{shares[2 * p + 1]} * x[at + 6]);
      }
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch_resize(args, Element::Float), &args, schedule);
    expect_close(y, expected, 1e-6);
  }
}

TEST(Resize, CopiesTheNearestOfAnyType) {
  const std::vector<std::int64_t> x{(std::int64_t{1} << 60) + 1, 2, 3, 4, 5, 6};
  const std::vector<int> rows{0, 1, 1};
  const std::vector<int> columns{0, 0, 1, 2, 2};
  ResizeArgs args;
  args.rows = {rows.data(), nullptr, 1, 3, 3, 5};
  args.columns = {columns.data(), nullptr, 1, 5, 1, 1};
  std::vector<std::int64_t> y(15, -1);
  args.x = x.data();
  args.y = y.data();
  emulator::launch(launch_resize_nearest(args, 8), &args);
  const std::int64_t big = x[0];
  EXPECT_EQ(y, (std::vector<std::int64_t>{big, big, 2, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6}));
}

}  // namespace
}  // namespace braid::cuda
