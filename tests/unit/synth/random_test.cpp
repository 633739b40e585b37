#include "synth/random.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "synth/draw.hpp"

namespace braid {
namespace {

TEST(RandomStreamTest, NormalHasMeanZeroAndVarianceOne) {
  const RandomStream random(42);
  constexpr int count = 200'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = random.normal(static_cast<std::uint64_t>(i));
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / count, 0, 0.01);
  EXPECT_NEAR(squares / count, 1, 0.01);
}

TEST(RandomStreamTest, UniformFillsTheUnitInterval) {
  const RandomStream random(42);
  double smallest = 1;
  double largest = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    smallest = std::fmin(smallest, random.uniform(i));
    largest = std::fmax(largest, random.uniform(i));
  }
  EXPECT_GE(smallest, 0);
  EXPECT_LT(smallest, 0.01);
  EXPECT_GT(largest, 0.99);
  EXPECT_LT(largest, 1);
}

// Guards the promise that a seed means the same weights for ever.
TEST(RandomStreamTest, BitsAreThoseOfTheFirstRelease) {
  EXPECT_EQ(RandomStream(0).word(0), 0xe220a8397b1dcdafU);  // splitmix64 of seed 0
  EXPECT_EQ(RandomStream(0).word(1), 0x6e789e6aa1b965f4U);
}

TEST(RandomStreamTest, NeighbouringKeysGiveUnrelatedValues) {
  const RandomStream a(RandomStream::combine(7, 0));
  const RandomStream b(RandomStream::combine(7, 1));
  double correlation = 0;
  constexpr int count = 100'000;
  for (std::uint64_t i = 0; i < count; ++i)
    correlation += a.normal(i) * b.normal(i);
  EXPECT_NEAR(correlation / count, 0, 0.02);
}

TEST(DrawTest, RoundsTheSameNumbersToEachType) {
  const Distribution distribution{1, 0.5, false};
  const Tensor single = draw(DType::Float32, {3}, distribution, 5);
  const Tensor wide = draw(DType::Float64, {3}, distribution, 5);
  const Tensor half = draw(DType::Float16, {3}, distribution, 5);
  EXPECT_EQ(half.bytes(), 6U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(static_cast<double>(single.data<float>()[i]), wide.data<double>()[i]);
  }
}

}  // namespace
}  // namespace braid
