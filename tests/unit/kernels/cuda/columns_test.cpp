#include "kernels/cuda/columns.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Axis {
  int size, kernel, step, dilation, pad;
};

struct Case {
  const char* name;
  Axis axes[kColumnAxes];  // the innermost first
  int groups, channels;
  bool is_channels_last = true;
  Element element = Element::Float;
};

constexpr Axis kNone{1, 1, 1, 1, 0};

class ColumnsTest : public testing::TestWithParam<Case> {
 protected:
  static constexpr int kImages = 4;  // of two members

  void SetUp() override {
    const Case& c = GetParam();
    const int channels = c.groups * c.channels;
    std::int64_t stride = c.is_channels_last ? channels : 1;
    args_.channel = 1;
    for (int i = 0; i < kColumnAxes; ++i) {
      const Axis& axis = c.axes[i];
      const int places =
          (axis.size + 2 * axis.pad - axis.dilation * (axis.kernel - 1) - 1) / axis.step + 1;
      args_.axes[i] = {axis.size, places, axis.kernel, axis.step, axis.dilation, axis.pad, stride};
      stride *= axis.size;
      columns_ *= places * axis.kernel;
    }
    if (!c.is_channels_last) args_.channel = stride;
    args_.image = c.is_channels_last ? stride : stride * channels;
    args_.images = kImages;
    args_.images_per_member = kImages / 2;
    args_.groups = c.groups;
    args_.channels = c.channels;
    columns_ *= kImages * channels;
  }

  /// Calls what(column, pixel) for each element of the columns; pixel is -1 outside of the image.
  template <class F>
  void for_each_column(const F& what) const {
    for (std::int64_t column = 0; column < columns_; ++column) {
      std::int64_t rest = column;
      const auto take = [&](int size) {
        const auto index = static_cast<int>(rest % size);
        rest /= size;
        return index;
      };
      const int channel = take(args_.channels);
      int taps[kColumnAxes];
      for (int i = 0; i < kColumnAxes; ++i)
        taps[i] = take(args_.axes[i].kernel);
      const int group = take(args_.groups);
      std::int64_t pixel = (group * args_.channels + channel) * args_.channel;
      bool is_inside = true;
      for (int i = 0; i < kColumnAxes; ++i) {
        const ColumnAxis& axis = args_.axes[i];
        const int at = take(axis.places) * axis.step + taps[i] * axis.dilation - axis.pad;
        is_inside = is_inside && at >= 0 && at < axis.size;
        pixel += at * axis.stride;
      }
      pixel += rest * args_.image;
      what(static_cast<std::size_t>(column), is_inside ? pixel : -1);
    }
  }

  std::size_t pixels() const { return static_cast<std::size_t>(kImages * image_size()); }
  std::int64_t image_size() const {
    std::int64_t size = std::int64_t{args_.groups} * args_.channels;
    for (const ColumnAxis& axis : args_.axes)
      size *= axis.size;
    return size;
  }

  ColumnsArgs args_;
  std::int64_t columns_ = 1;
};

TEST_P(ColumnsTest, AreGathered) {
  const Values x = Values::random(GetParam().element, pixels(), 1);
  Values y(GetParam().element, static_cast<std::size_t>(columns_));
  std::vector<double> expected(y.size());
  for_each_column([&](std::size_t column, std::int64_t pixel) {
    expected[column] = pixel < 0 ? 0.0 : x[static_cast<std::size_t>(pixel)];
  });
  args_.from = x.data();
  args_.to = y.data();
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch_gather_columns(args_, GetParam().element), &args_, schedule);
    expect_close(y, expected, 0.0);
  }
}

TEST_P(ColumnsTest, AreSummed) {
  const Element element = GetParam().element;
  const Values columns = Values::random(element, static_cast<std::size_t>(columns_), 1);
  const int channels = args_.groups * args_.channels;
  const Values bias = Values::random(element, static_cast<std::size_t>(2 * channels), 2);
  Values y(element, pixels());
  std::vector<double> sums(y.size());
  for_each_column([&](std::size_t column, std::int64_t pixel) {
    if (pixel >= 0) sums[static_cast<std::size_t>(pixel)] += columns[column];
  });
  std::vector<double> expected;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t member = at / args_.image / args_.images_per_member;
    const std::int64_t channel = at / args_.channel % channels;
    expected.push_back(
        std::fmax(0.0, sums[i] + bias[static_cast<std::size_t>(member * channels + channel)]));
  }
  args_.from = columns.data();
  args_.to = y.data();
  args_.bias = bias.data();
  args_.bias_member = channels;
  args_.activation = Activation::Relu;
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch_sum_columns(args_, element), &args_, schedule);
    expect_close(y, expected, 1e-5 + rounding_of(element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ColumnsTest,
    testing::Values(
        Case{"one", {kNone, kNone, kNone}, 1, 1},
        Case{"row", {{9, 3, 1, 1, 1}, kNone, kNone}, 1, 5},
        Case{"twice_as_large", {{6, 2, 2, 1, 0}, {4, 2, 2, 1, 0}, kNone}, 1, 33},
        Case{"gaps", {{7, 2, 3, 1, 0}, {8, 3, 2, 2, 1}, kNone}, 2, 3},
        Case{"first", {{5, 3, 2, 1, 1}, {6, 4, 2, 1, 2}, kNone}, 1, 3, false},
        Case{"solid", {{5, 3, 1, 1, 1}, {4, 2, 1, 2, 1}, {3, 2, 2, 1, 1}}, 1, 4},
        Case{"half", {{7, 3, 2, 1, 1}, {5, 3, 2, 1, 1}, kNone}, 2, 8, true, Element::Half}),
    name_of<Case>);

TEST(Columns, AreNotMoreThanThreadsCanNumber) {
  ColumnsArgs args;
  args.images = 1 << 17;
  args.channels = 1 << 15;
  EXPECT_THROW(launch_gather_columns(args, Element::Float), std::length_error);
}

}  // namespace
}  // namespace braid::cuda
