#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::noise;
using testing_support::expect_bound_as_reference;

// Sums of up to 64 products of numbers below 3.
constexpr double kTolerance = 1e-5;

TEST(CpuMatMulTest, AgreesWithTheReference) {
  for (const bool is_constant : {false, true}) {
    const auto constants = is_constant ? std::vector<std::size_t>{1} : std::vector<std::size_t>{};
    expect_bound_as_reference(
        {.op = "MatMul", .inputs = {noise({5, 64}), noise({64, 7})}, .constants = constants},
        kTolerance);
    expect_bound_as_reference(
        {.op = "MatMul", .inputs = {noise({3, 5, 9}), noise({3, 9, 4})}, .constants = constants},
        kTolerance);
    expect_bound_as_reference(
        {.op = "MatMul", .inputs = {noise({2, 1, 5, 9}), noise({9})}, .constants = constants},
        kTolerance);
  }
}

// A batch of 0 stays one when 1 is broadcast to it. What has no elements is left to the reference.
TEST(CpuMatMulTest, LeavesEmptyBatchesAlone) {
  const testing_support::Call call{
      .op = "MatMul", .inputs = {noise({0, 3, 4}), noise({1, 4, 5})}, .constants = {1}};
  EXPECT_FALSE(testing_support::is_bound(call));
}

}  // namespace
}  // namespace braid
