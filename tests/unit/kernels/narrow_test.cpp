#include "kernels/cpu/narrow.hpp"

#include <random>

#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

const DType kTypes[] = {DType::Float16, DType::BFloat16};

std::vector<float> floats_of(const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  cpu::widen(tensor.dtype(), tensor.size(), tensor.raw().data(), values.data());
  return values;
}

// Infinities, NaN, denormal numbers and both zeros among them.
TEST(NarrowTest, WidensEveryNumberOf16Bits) {
  for (const DType dtype : kTypes) {
    Tensor all = Tensor::allocate(dtype, {65536});
    std::uint16_t bits = 0;
    for (std::uint16_t& element : all.mutable_data<std::uint16_t>())
      element = bits++;
    const std::vector<float> actual = floats_of(all);
    const std::vector<double> expected = reference::to_doubles(all);
    for (std::size_t i = 0; i < actual.size(); ++i) {
      if (std::isnan(expected[i])) {
        EXPECT_TRUE(std::isnan(actual[i])) << i;
      } else {
        EXPECT_EQ(static_cast<double>(actual[i]), expected[i]) << i;
        EXPECT_EQ(std::signbit(actual[i]), std::signbit(expected[i])) << i;
      }
    }
  }
}

// Any bits, numbers half way between two neighbours, and those where exponents end.
TEST(NarrowTest, RoundsToTheNearest) {
  std::mt19937 random(1);
  std::vector<float> values = {0.0F,    -0.0F,    65504.0F, 65519.99F,  65520.0F, 65536.0F, 1e30F,
                               3.4e38F, 0x1p-24F, 0x1p-25F, 0x1.8p-24F, 6.1e-5F,  5.9e-8F,  -2.0F};
  for (int i = 0; i < 20000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    for (const std::uint32_t tie :
         {bits, (bits & 0xFFFF8000U) | 0x8000U, (bits & 0xFFFFF000U) | 0x1000U})
      values.push_back(std::bit_cast<float>(tie));
    values.push_back(std::ldexp(std::bit_cast<float>((bits & 0x807FFFFFU) | 0x3F800000U),
                                static_cast<int>(bits >> 23 & 31U) - 20));
  }
  const auto count = static_cast<std::int64_t>(values.size());
  for (const DType dtype : kTypes) {
    Tensor actual = Tensor::allocate(dtype, {count});
    cpu::narrow(dtype, count, values.data(), actual.mutable_raw().data());
    const Tensor expected = reference::tensor(dtype, {count}, {values.begin(), values.end()});
    const std::vector<float> back = floats_of(actual);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) {
        EXPECT_TRUE(std::isnan(back[i]));
      } else {
        EXPECT_EQ(actual.data<std::uint16_t>()[i], expected.data<std::uint16_t>()[i]) << values[i];
      }
    }
  }
}

}  // namespace
}  // namespace braid
