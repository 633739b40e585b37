#include "support/operand.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace braid {
namespace {

TEST(OperandTest, SharesWhatIsAligned) {
  const Tensor tensor = Tensor::of<float>({2}, {1, 2});
  EXPECT_EQ(as_operand(tensor).raw().data(), tensor.raw().data());
}

TEST(OperandTest, CopiesWhatLiesAtAnOddPlace) {
  const auto bytes = std::make_shared<std::vector<std::byte>>(9);
  const float values[] = {1, 2};
  std::memcpy(bytes->data() + 1, values, sizeof(values));
  const Tensor tensor = Tensor::borrow(DType::Float32, {2}, std::span(*bytes).subspan(1), bytes);
  const Tensor operand = as_operand(tensor);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(operand.raw().data()) % alignof(float), 0U);
  EXPECT_EQ(operand.data<float>()[1], 2);
}

TEST(OperandTest, JoinsConcatenations) {
  const Tensor part = Tensor::of<float>({1, 2}, {1, 2});
  const Tensor operand = as_operand(Tensor::concatenation({part, part}, 1));
  EXPECT_TRUE(operand.is_contiguous());
  EXPECT_EQ(operand.dims(), (std::vector<std::int64_t>{1, 4}));
}

TEST(OperandTest, LeavesStringsAndWeightlessTensors) {
  EXPECT_EQ(as_operand(Tensor::strings({1}, {"a"})).string_values()[0], "a");
  EXPECT_FALSE(as_operand(Tensor::weightless(DType::Float32, {2})).has_data());
}

}  // namespace
}  // namespace braid
