#include <gtest/gtest.h>

#include <numeric>

#include "braid/tensor.hpp"

namespace braid {
namespace {

Tensor filled(std::vector<std::int64_t> dims, float first) {
  std::vector<float> values(static_cast<std::size_t>(
      std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>())));
  std::iota(values.begin(), values.end(), first);
  return Tensor::of<float>(std::move(dims), values);
}

// Each part must be found in the bytes of the whole at the place that is told.
int check_places(const Tensor& whole) {
  const Tensor joined = whole.materialised();
  int parts = 0;
  whole.for_each_part([&](const Tensor& part, const Tensor::Place& place) {
    ++parts;
    const Tensor own = part.materialised();
    std::size_t done = 0;
    for (std::uint64_t at = place.offset; done < own.bytes(); at += place.stride) {
      const auto found = joined.raw().subspan(at, place.block);
      const auto expected = own.raw().subspan(done, place.block);
      EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin()));
      done += place.block;
    }
    EXPECT_EQ(done, own.bytes());
  });
  return parts;
}

TEST(TensorParts, ATensorIsItsOwnPart) {
  EXPECT_EQ(check_places(filled({2, 3}, 0)), 1);
}

TEST(TensorParts, LieOneAfterTheOtherOrInterleaved) {
  const Tensor a = filled({2, 3}, 0), b = filled({2, 3}, 100), c = filled({2, 5}, 1000);
  EXPECT_EQ(check_places(Tensor::concatenation({a, b}, 0)), 2);
  EXPECT_EQ(check_places(Tensor::concatenation({a, c, b}, 1)), 3);
  EXPECT_EQ(check_places(Tensor::concatenation({a, c}, 1).reshaped({16})), 2);
}

TEST(TensorParts, AreFoundWithinPartsThatLieInOnePiece) {
  const Tensor a = filled({2, 3}, 0), b = filled({2, 3}, 100), c = filled({2, 6}, 1000);
  const Tensor wide = Tensor::concatenation({a, b}, 1);
  EXPECT_EQ(check_places(Tensor::concatenation({c, wide}, 0)), 3);
  EXPECT_EQ(check_places(Tensor::concatenation({c, wide}, 1)), 2);
}

}  // namespace
}  // namespace braid
