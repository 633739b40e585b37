#include "ir/transpose.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace braid {
namespace {

std::vector<float> counted(std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

// Element by element, from the definition.
std::vector<float> expected(const Tensor& tensor, const std::vector<std::int64_t>& perm) {
  const auto values = tensor.data<float>();
  const std::size_t rank = perm.size();
  std::vector<std::int64_t> index(rank, 0);
  std::vector<float> result;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    std::vector<std::int64_t> source(rank);
    for (std::size_t axis = 0; axis < rank; ++axis)
      source[static_cast<std::size_t>(perm[axis])] = index[axis];
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < rank; ++axis)
      flat = flat * tensor.dims()[axis] + source[axis];
    result.push_back(values[static_cast<std::size_t>(flat)]);
    for (std::size_t axis = rank; axis-- > 0;) {
      const std::int64_t size = tensor.dims()[static_cast<std::size_t>(perm[axis])];
      if (++index[axis] < size) break;
      index[axis] = 0;
    }
  }
  return result;
}

void check(const std::vector<std::int64_t>& dims, const std::vector<std::int64_t>& perm) {
  const std::int64_t size = Tensor::weightless(DType::Float32, dims).size();
  const Tensor tensor = Tensor::of<float>(dims, counted(size));
  const auto turned = transposed(tensor, perm);
  ASSERT_TRUE(turned);
  EXPECT_FALSE(turned->is_contiguous());
  const Tensor whole = turned->materialised();
  const std::vector<float> actual(whole.data<float>().begin(), whole.data<float>().end());
  EXPECT_EQ(actual, expected(tensor, perm));
}

TEST(Transpose, HandsOutTheElementsInTheOrderOfTheAxes) {
  check({3, 5}, {1, 0});
  check({2, 3, 4}, {0, 2, 1});
  check({2, 3, 4}, {1, 0, 2});
  check({2, 3, 4, 5}, {3, 1, 0, 2});
  check({7}, {0});
  check({}, {});
  check({0, 3}, {1, 0});
  check({3, 0, 2}, {2, 0, 1});
}

TEST(Transpose, StreamsLargeTensorsInPanels) {
  const std::vector<std::int64_t> dims = {1500, 1000};
  check(dims, {1, 0});
  const Tensor tensor = Tensor::of<float>(dims, counted(1'500'000));
  std::size_t largest = 0;
  std::size_t total = 0;
  transposed(tensor, {1, 0})->for_each_piece([&](std::span<const std::byte> piece) {
    largest = std::max(largest, piece.size());
    total += piece.size();
  });
  EXPECT_EQ(total, tensor.bytes());
  EXPECT_LT(largest, tensor.bytes());
}

TEST(Transpose, TwiceIsTheSameContent) {
  const Tensor tensor = Tensor::of<float>({30, 40}, counted(1200));
  const Tensor turned = *transposed(tensor, {1, 0});
  EXPECT_TRUE(same_content(tensor, *transposed(turned, {1, 0})));
  EXPECT_TRUE(same_content(turned, turned.materialised()));
  EXPECT_FALSE(same_content(tensor.reshaped({40, 30}), turned));
}

TEST(Transpose, KeepsDimsOfTensorsWithoutData) {
  const Tensor tensor = Tensor::weightless(DType::Float16, {2, 3});
  EXPECT_EQ(transposed(tensor, {1, 0})->dims(), (std::vector<std::int64_t>{3, 2}));
  EXPECT_FALSE(transposed(tensor, {1, 0})->has_data());
}

TEST(Transpose, DeclinesStringsAndElementsBelowAByte) {
  EXPECT_FALSE(transposed(Tensor::strings({1, 1}, {"a"}), {1, 0}));
  EXPECT_FALSE(transposed(Tensor::allocate(DType::Int4, {2, 4}), {1, 0}));
}

}  // namespace
}  // namespace braid
