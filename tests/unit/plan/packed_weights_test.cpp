#include "plan/packed_weights.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace braid {
namespace {

const Tensor kWeight = Tensor::of<float>({2}, {1, 2});

PackedWeights::Bytes pack(PackedWeights& weights, const Tensor& weight, const std::string& format,
                          int& calls) {
  return weights.get(weight, format, weight.bytes(), [&](std::byte* to) {
    ++calls;
    std::memcpy(to, weight.raw().data(), weight.bytes());
  });
}

TEST(PackedWeightsTest, MakesEachFormOnceWhileItIsRead) {
  PackedWeights weights;
  int calls = 0;
  auto first = pack(weights, kWeight, "a", calls);
  auto second = pack(weights, kWeight.reshaped({2, 1}), "a", calls);
  EXPECT_EQ(first, second);
  EXPECT_EQ(calls, 1);
  pack(weights, kWeight, "b", calls);
  pack(weights, Tensor::of<float>({2}, {1, 2}), "a", calls);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(weights.bytes(), 8U);  // nobody holds the others
  first.reset();
  EXPECT_EQ(weights.bytes(), 8U);
  second.reset();
  EXPECT_EQ(weights.bytes(), 0U);
  weights.forget_unread();
  EXPECT_NE(pack(weights, kWeight, "a", calls), nullptr);
  EXPECT_EQ(calls, 4);
}

TEST(PackedWeightsTest, AskingPacksNothing) {
  PackedWeights weights(PackedWeights::Mode::Ask);
  int calls = 0;
  EXPECT_EQ(pack(weights, kWeight, "a", calls), nullptr);
  EXPECT_EQ(calls, 0);
}

TEST(PackedWeightsTest, CopiesWhatLiesAtOddPlacesOnce) {
  const auto bytes = std::make_shared<std::vector<std::byte>>(64);
  const auto address = reinterpret_cast<std::uintptr_t>(bytes->data());
  std::byte* const odd = bytes->data() + (4 - address % 4) % 4 + 1;
  const float values[] = {1, 2};
  std::memcpy(odd, values, sizeof(values));
  const Tensor weight =
      Tensor::borrow(DType::Float32, {2}, std::span<const std::byte>(odd, 8), bytes);
  PackedWeights weights;
  const Tensor copy = weights.plain(weight);
  EXPECT_EQ(copy.data<float>()[1], 2);
  EXPECT_EQ(weights.plain(weight).raw().data(), copy.raw().data());
  EXPECT_EQ(weights.plain(kWeight).raw().data(), kWeight.raw().data());
  EXPECT_EQ(weights.bytes(), 8U);
}

TEST(PackedWeightsTest, RoundsEachWeightToOneTensor) {
  PackedWeights weights;
  const Tensor half = weights.rounded(kWeight, DType::Float16, "w");
  EXPECT_EQ(half.dtype(), DType::Float16);
  EXPECT_EQ(half.bytes(), 4U);
  const Tensor again = weights.rounded(kWeight.reshaped({2, 1}), DType::Float16, "w");
  EXPECT_EQ(again.identity(), half.identity());
  EXPECT_EQ(again.dims(), (std::vector<std::int64_t>{2, 1}));
  EXPECT_NE(weights.rounded(kWeight, DType::BFloat16, "w").identity(), half.identity());
  int calls = 0;
  auto packed = weights.get(half, "a", 4, [&](std::byte*) { ++calls; });
  weights.forget_unread();
  EXPECT_EQ(weights.rounded(kWeight, DType::Float16, "w").identity(), half.identity());
}

}  // namespace
}  // namespace braid
