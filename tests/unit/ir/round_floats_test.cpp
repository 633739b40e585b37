#include "ir/round_floats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kLowest = std::numeric_limits<float>::lowest();

struct Format {
  DType dtype;
  int bits;        // of a significand
  int exponent;    // of the least normal number
  double largest;  // finite
};

constexpr Format kFormats[] = {{DType::Float16, 11, -14, 65504.0},
                               {DType::BFloat16, 8, -126, 0x1.FEp127}};

std::vector<double> values_of(const std::vector<float>& floats, DType to,
                              const std::shared_ptr<Overflow>& overflow) {
  const Tensor source = Tensor::of<float>({static_cast<std::int64_t>(floats.size())}, floats);
  return reference::to_doubles(rounded(source, to, overflow).materialised());
}

// The distance of the format's numbers at x.
double step_at(const Format& format, double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0, std::max(exponent - 1, format.exponent) - format.bits + 1);
}

TEST(RoundFloatsTest, TakesTheNearestNumberOfTheFormat) {
  std::mt19937 engine(1);
  std::uniform_real_distribution<float> digits(-2, 2);
  std::uniform_int_distribution<int> exponents(-30, 14);
  std::vector<float> floats;
  for (int i = 0; i < 40000; ++i)  // more than are converted at once
    floats.push_back(std::ldexp(digits(engine), exponents(engine)));
  for (const Format& format : kFormats) {
    const auto overflow = std::make_shared<Overflow>();
    const std::vector<double> values = values_of(floats, format.dtype, overflow);
    for (std::size_t i = 0; i < floats.size(); ++i) {
      const double step = step_at(format, floats[i]);
      ASSERT_LE(std::abs(values[i] - floats[i]), step / 2) << floats[i];
      ASSERT_EQ(std::remainder(values[i], step), 0) << floats[i];
    }
    EXPECT_EQ(overflow->get().count, 0);
  }
}

TEST(RoundFloatsTest, KeepsFiniteNumbersFiniteAndCountsThem) {
  const std::vector<float> floats = {kLowest, kInf, -kInf, NAN, 0.0F};
  for (const Format& format : kFormats) {
    const auto overflow = std::make_shared<Overflow>();
    const std::vector<double> values = values_of(floats, format.dtype, overflow);
    EXPECT_EQ(values[0], -format.largest);
    EXPECT_EQ(values[1], kInf);
    EXPECT_EQ(values[2], -kInf);
    EXPECT_TRUE(std::isnan(values[3]));
    EXPECT_EQ(values[4], 0);
    EXPECT_EQ(largest_of(format.dtype), format.largest);
    EXPECT_EQ(overflow->get().count, 1);
    EXPECT_EQ(overflow->get().least, kLowest);
  }
  const auto overflow = std::make_shared<Overflow>();
  EXPECT_EQ(values_of({65519, -65519, 65520, 7e4F}, DType::Float16, overflow),
            (std::vector<double>{65504, -65504, 65504, 65504}));
  EXPECT_EQ(overflow->get().count, 2);  // the others round to what there is
  EXPECT_EQ(overflow->get().least, 65520);
  EXPECT_EQ(overflow->get().greatest, 7e4F);
}

}  // namespace
}  // namespace braid
