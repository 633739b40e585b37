#include "ir/densify.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"

namespace braid {
namespace {

std::vector<float> values_of(const Tensor& tensor) {
  const auto data = tensor.data<float>();
  return {data.begin(), data.end()};
}

TEST(DensifyTest, PlacesFlatIndices) {
  const SparseTensor sparse{
      Tensor::of<float>({2}, {5, 7}), Tensor::of<std::int64_t>({2}, {1, 5}), {2, 3}};
  EXPECT_EQ(values_of(densify(sparse, "w")), (std::vector<float>{0, 5, 0, 0, 0, 7}));
}

TEST(DensifyTest, PlacesOneIndexPerAxis) {
  const SparseTensor sparse{
      Tensor::of<float>({2}, {5, 7}), Tensor::of<std::int64_t>({2, 2}, {0, 1, 1, 2}), {2, 3}};
  EXPECT_EQ(values_of(densify(sparse, "w")), (std::vector<float>{0, 5, 0, 0, 0, 7}));
}

TEST(DensifyTest, RefusesIndicesOutOfRange) {
  for (const std::int64_t index : {std::int64_t{-1}, std::int64_t{6}}) {
    const SparseTensor sparse{
        Tensor::of<float>({1}, {5}), Tensor::of<std::int64_t>({1}, {index}), {2, 3}};
    EXPECT_THROW(densify(sparse, "w"), Error);
  }
  const SparseTensor sparse{
      Tensor::of<float>({1}, {5}), Tensor::of<std::int64_t>({1, 2}, {0, 3}), {2, 3}};
  EXPECT_THROW(densify(sparse, "w"), Error);
}

TEST(DensifyTest, RefusesIndicesThatDoNotFitTheValues) {
  const SparseTensor sparse{
      Tensor::of<float>({2}, {5, 7}), Tensor::of<std::int64_t>({1}, {1}), {2, 3}};
  EXPECT_THROW(densify(sparse, "w"), Error);
}

}  // namespace
}  // namespace braid
