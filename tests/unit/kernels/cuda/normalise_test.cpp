#include "kernels/cuda/normalise.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

std::size_t size_of(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

struct Moments {
  double mean = 0.0;
  double factor = 1.0;
};

Moments moments_of(const std::vector<double>& values, bool is_centred, double epsilon) {
  Moments moments;
  const auto count = static_cast<double>(values.size());
  for (const double value : values)
    moments.mean += is_centred ? value / count : 0.0;
  double variance = 0.0;
  for (const double value : values)
    variance += (value - moments.mean) * (value - moments.mean) / count;
  moments.factor = 1.0 / std::sqrt(variance + epsilon);
  return moments;
}

struct RowCase {
  const char* name;
  int rows_per_member, length;
  Element element = Element::Float;
  bool is_centred = true;
  bool adds = true;
};

class NormaliseRowsTest : public testing::TestWithParam<RowCase> {};

TEST_P(NormaliseRowsTest, AgreesWithDoublePrecision) {
  const RowCase& c = GetParam();
  const int rows = 3 * c.rows_per_member;
  const Values x = Values::random(c.element, size_of(rows, c.length), 1);
  const Values residual = Values::random(c.element, x.size(), 2);
  const Values addend = Values::random(c.element, size_of(3, c.length), 3);
  const Values scale = Values::random(c.element, size_of(3, c.length), 4);
  const Values bias = Values::random(c.element, static_cast<std::size_t>(c.length), 5);
  Values y(c.element, x.size());
  Values sum(c.element, x.size());
  NormaliseRowsArgs args;
  args.x = x.data();
  args.scale = scale.data();
  args.scale_member = c.length;
  if (c.adds) {
    args.residual = residual.data();
    args.addend = addend.data();
    args.addend_member = c.length;
    args.bias = bias.data();  // of all members
    args.sum = sum.data();
  }
  args.y = y.data();
  args.rows = rows;
  args.rows_per_member = c.rows_per_member;
  args.length = c.length;
  args.epsilon = 1e-5F;
  args.is_centred = c.is_centred;

  std::vector<double> sums;
  std::vector<double> expected;
  for (int r = 0; r < rows; ++r) {
    const int member = r / c.rows_per_member;
    std::vector<double> row;
    for (int i = 0; i < c.length; ++i) {
      const std::size_t at = size_of(r, c.length) + static_cast<std::size_t>(i);
      const double more =
          residual[at] + addend[size_of(member, c.length) + static_cast<std::size_t>(i)];
      row.push_back(x[at] + (c.adds ? more : 0.0));
    }
    const Moments moments = moments_of(row, c.is_centred, 1e-5);
    for (int i = 0; i < c.length; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double value = (row[at] - moments.mean) * moments.factor;
      expected.push_back(value * scale[size_of(member, c.length) + at] + (c.adds ? bias[at] : 0.0));
    }
    sums.insert(sums.end(), row.begin(), row.end());
  }
  // A variance of numbers near each other is small: a single one has a deviation of epsilon's root.
  const double tolerance = 4e-6 + 2 * rounding_of(c.element);
  const Launch launch = launch_normalise_rows(args, c.element);
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    sum.poison();
    emulator::launch(launch, &args, schedule);
    expect_close(y, expected, tolerance);
    if (c.adds) expect_close(sum, sums, tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, NormaliseRowsTest,
                         testing::Values(RowCase{"one", 1, 1}, RowCase{"three", 3, 3},
                                         RowCase{"ragged", 5, 33}, RowCase{"packed", 4, 64},
                                         RowCase{"plain", 2, 48, Element::Float, true, false},
                                         RowCase{"rms", 3, 100, Element::Float, false, false},
                                         RowCase{"half", 3, 96, Element::Half},
                                         RowCase{"bfloat", 3, 35, Element::BFloat16, false},
                                         RowCase{"block", 1, 1026},
                                         RowCase{"block_half", 1, 1100, Element::Half},
                                         RowCase{"long", 1, 12801, Element::Float, false}),
                         name_of<RowCase>);

struct GroupCase {
  const char* name;
  int images_per_member, groups, channels, pixels;
  bool is_channels_last = true;
  Element element = Element::Float;
};

class NormaliseGroupsTest : public testing::TestWithParam<GroupCase> {};

TEST_P(NormaliseGroupsTest, AgreesWithDoublePrecision) {
  const GroupCase& c = GetParam();
  const int images = 2 * c.images_per_member;
  const int channels = c.groups * c.channels;
  const Values x = Values::random(c.element, size_of(images, channels, c.pixels), 1);
  const Values scale = Values::random(c.element, size_of(2, channels), 2);
  const Values bias = Values::random(c.element, size_of(2, channels), 3);
  Values y(c.element, x.size());
  NormaliseGroupsArgs args;
  args.x = x.data();
  args.scale = scale.data();
  args.bias = bias.data();
  args.y = y.data();
  args.image_stride = static_cast<std::int64_t>(channels) * c.pixels;
  args.channel_stride = c.is_channels_last ? 1 : c.pixels;
  args.pixel_stride = c.is_channels_last ? channels : 1;
  args.scale_member = args.bias_member = channels;
  args.images = images;
  args.images_per_member = c.images_per_member;
  args.groups = c.groups;
  args.channels = c.channels;
  args.pixels = c.pixels;
  args.epsilon = 1e-3F;
  const Launch launch = launch_normalise_groups(args, c.element);
  const auto at = [&](int image, int channel, int pixel) {
    return static_cast<std::size_t>(image * args.image_stride + channel * args.channel_stride +
                                    pixel * args.pixel_stride);
  };
  std::vector<double> expected(x.size());
  for (int image = 0; image < images; ++image)
    for (int group = 0; group < c.groups; ++group) {
      std::vector<double> values;
      for (int i = 0; i < c.channels * c.pixels; ++i)
        values.push_back(x[at(image, group * c.channels + i / c.pixels, i % c.pixels)]);
      const Moments moments = moments_of(values, true, 1e-3);
      for (int i = 0; i < c.channels * c.pixels; ++i) {
        const int channel = group * c.channels + i / c.pixels;
        const std::size_t parameter =
            size_of(image / c.images_per_member, channels) + static_cast<std::size_t>(channel);
        const double value = (values[static_cast<std::size_t>(i)] - moments.mean) * moments.factor;
        expected[at(image, channel, i % c.pixels)] = value * scale[parameter] + bias[parameter];
      }
    }
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch, &args, schedule);
    expect_close(y, expected, 4e-6 + 2 * rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, NormaliseGroupsTest,
    testing::Values(GroupCase{"last", 2, 3, 4, 25}, GroupCase{"first", 1, 2, 3, 33, false},
                    GroupCase{"instance", 1, 5, 1, 300},
                    GroupCase{"one_group", 1, 1, 33, 20, true, Element::Half},
                    GroupCase{"instance_first", 2, 3, 1, 7, false, Element::BFloat16}),
    name_of<GroupCase>);

struct SoftmaxCase {
  const char* name;
  int outer, length, inner;
  bool is_log = false;
  Element element = Element::Float;
};

class SoftmaxTest : public testing::TestWithParam<SoftmaxCase> {};

TEST_P(SoftmaxTest, AgreesWithDoublePrecision) {
  const SoftmaxCase& c = GetParam();
  Values x = Values::random(c.element, size_of(c.outer, c.length, c.inner), 1);
  for (std::size_t i = 0; i < x.size(); ++i)
    x.set(i, static_cast<float>(100 * x[i]));  // whose exponentials are no floats
  Values y(c.element, x.size());
  const SoftmaxArgs args{x.data(), y.data(), c.outer, c.length, c.inner, c.is_log};
  std::vector<double> expected(x.size());
  for (int o = 0; o < c.outer; ++o)
    for (int i = 0; i < c.inner; ++i) {
      const auto at = [&](int l) {
        return size_of(o * c.length + l, c.inner) + static_cast<std::size_t>(i);
      };
      double largest = x[at(0)];
      for (int l = 0; l < c.length; ++l)
        largest = std::fmax(largest, x[at(l)]);
      double total = 0.0;
      for (int l = 0; l < c.length; ++l)
        total += std::exp(x[at(l)] - largest);
      for (int l = 0; l < c.length; ++l) {
        const double below = x[at(l)] - largest;
        expected[at(l)] = c.is_log ? below - std::log(total) : std::exp(below) / total;
      }
    }
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch_softmax(args, c.element), &args, schedule);
    expect_close(y, expected, 1e-6 + rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, SoftmaxTest,
    testing::Values(SoftmaxCase{"one", 1, 1, 1}, SoftmaxCase{"rows", 9, 33, 1},
                    SoftmaxCase{"packed_half", 11, 64, 1, false, Element::Half},
                    SoftmaxCase{"log", 3, 130, 1, true}, SoftmaxCase{"block", 2, 1030, 1},
                    SoftmaxCase{"long", 1, 12802, 1}, SoftmaxCase{"columns", 2, 17, 33},
                    SoftmaxCase{"log_columns", 3, 5, 4, true, Element::BFloat16}),
    name_of<SoftmaxCase>);

}  // namespace
}  // namespace braid::cuda
