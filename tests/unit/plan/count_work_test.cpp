#include "plan/count_work.hpp"

#include <gtest/gtest.h>

#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;

Operand floats(std::vector<std::int64_t> dims) {
  return {DType::Float32, std::move(dims)};
}

Work work_of(std::string_view name, std::vector<Operand> inputs, std::vector<Operand> outputs,
             const Attributes& attributes = {}) {
  return count_work({"", name, 22, attributes, std::move(inputs), std::move(outputs)});
}

TEST(CountWorkTest, CountsProducts) {
  EXPECT_EQ(work_of("MatMul", {floats({3, 2, 4}), floats({4, 5})}, {floats({3, 2, 5})}).flops,
            2 * 3 * 2 * 4 * 5);
  EXPECT_EQ(work_of("Gemm", {floats({4, 2}), floats({5, 4})}, {floats({2, 5})},
                    attrs({{"transA", 1}, {"transB", 1}}))
                .flops,
            2 * 2 * 4 * 5);
  EXPECT_EQ(work_of("Einsum", {floats({2, 3, 4}), floats({3, 4, 5})}, {floats({3, 2, 5})},
                    attrs({{"equation", "nmc,mck->mnk"}}))
                .flops,
            2 * 2 * 3 * 4 * 5);
}

// Each of 2 groups reads 3 of 6 channels under a window of 5.
TEST(CountWorkTest, CountsConvolutions) {
  const auto conv = work_of("Conv", {floats({1, 6, 9}), floats({4, 3, 5})}, {floats({1, 4, 5})});
  EXPECT_EQ(conv.flops, 2 * 4 * 5 * 3 * 5);
  const auto transposed =
      work_of("ConvTranspose", {floats({1, 4, 5}), floats({4, 3, 5})}, {floats({1, 6, 9})});
  EXPECT_EQ(transposed.flops, conv.flops);
}

TEST(CountWorkTest, CountsRecurrentLayers) {
  const auto lstm = work_of("LSTM", {floats({7, 2, 3}), floats({1, 16, 3}), floats({1, 16, 4})},
                            {floats({7, 1, 2, 4})});
  EXPECT_EQ(lstm.flops, 2 * 7 * 2 * 16 * (3 + 4));
}

TEST(CountWorkTest, CountsBytes) {
  const Work add = work_of("Add", {floats({8, 4}), floats({4})}, {floats({8, 4})});
  EXPECT_EQ(add.bytes, 4U * (32 + 4 + 32));
  EXPECT_FALSE(add.flops);
  const Operand rows = {DType::Int64, {3}};
  EXPECT_EQ(work_of("Gather", {floats({1000, 4}), rows}, {floats({3, 4})}).bytes,
            2U * 3 * 4 * 4 + 3 * 8);
  Operand placed = floats({2, 4});
  placed.is_in_place = true;
  EXPECT_EQ(work_of("Concat", {placed, floats({1, 4})}, {floats({3, 4})}).bytes, 4U * (4 + 12));
}

}  // namespace
}  // namespace braid
