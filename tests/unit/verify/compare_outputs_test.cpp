#include "verify/compare_outputs.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <limits>

namespace braid {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

OutputCheck compare(const std::vector<float>& member, const std::vector<float>& merged,
                    double absolute = 1e-4, double relative = 1e-3) {
  const auto size = static_cast<std::int64_t>(member.size());
  return compare_outputs(Tensor::of<float>({size}, member), Tensor::of<float>({size}, merged),
                         absolute, relative);
}

TEST(CompareOutputsTest, ReportsTheLargestErrors) {
  const OutputCheck check = compare({1, 2, -4}, {1, 2.5F, -5}, 0.1, 0.1);
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.first_bad_index, 1);
  EXPECT_EQ(check.max_absolute_error, 1);
  EXPECT_EQ(check.max_relative_error, 0.25);
  EXPECT_EQ(check.needed_absolute, 1);
  EXPECT_EQ(check.needed_relative, 0.25);
  EXPECT_EQ(check.elements, 3);
  EXPECT_EQ(to_string(check.type), "float[3]");
}

TEST(CompareOutputsTest, PassesWithTheTolerancesThatItNames) {
  const std::vector<float> member = {1, 0.3F, -7.7F, 1e-20F};
  const std::vector<float> merged = {1.1F, 0.31F, -7.9F, 1.3e-20F};
  const OutputCheck check = compare(member, merged, 0, 0);
  EXPECT_FALSE(check.passed);
  EXPECT_TRUE(compare(member, merged, check.needed_absolute, 0).passed);
  EXPECT_TRUE(compare(member, merged, 0, check.needed_relative).passed);
  EXPECT_FALSE(compare(member, merged, std::nextafter(check.needed_absolute, 0), 0).passed);
}

TEST(CompareOutputsTest, AddsBothTolerances) {
  EXPECT_TRUE(compare({10}, {10.15F}, 0.1, 0.01).passed);
  EXPECT_FALSE(compare({10}, {10.25F}, 0.1, 0.01).passed);
}

TEST(CompareOutputsTest, NeedsAnAbsoluteToleranceAtZero) {
  const OutputCheck check = compare({0}, {1e-5F});
  EXPECT_TRUE(check.passed);
  EXPECT_EQ(check.needed_relative, kInf);
  EXPECT_EQ(check.max_relative_error, 0);
}

TEST(CompareOutputsTest, AcceptsNanAndInfinityAtEqualPlacesOnly) {
  const OutputCheck equal = compare({kNan, kInf, -kInf}, {kNan, kInf, -kInf}, 0, 0);
  EXPECT_TRUE(equal.passed);
  EXPECT_EQ(equal.nan_member, 1);
  EXPECT_EQ(equal.nan_merged, 1);
  EXPECT_EQ(equal.nan_mismatches, 0);
  const OutputCheck other = compare({kNan, 1}, {1, kNan}, kInf, kInf);
  EXPECT_FALSE(other.passed);
  EXPECT_EQ(other.nan_mismatches, 2);
  EXPECT_EQ(other.needed_absolute, kInf);
  EXPECT_FALSE(compare({kInf}, {-kInf}).passed);
  EXPECT_FALSE(compare({kInf}, {1}).passed);
  EXPECT_FALSE(compare({1}, {kInf}).passed);
}

TEST(CompareOutputsTest, ComparesHalfAndBfloat16AsNumbers) {
  Tensor a = Tensor::allocate(DType::Float16, {1});
  Tensor b = Tensor::allocate(DType::Float16, {1});
  a.mutable_data<Eigen::half>()[0] = Eigen::half(1.0F);
  b.mutable_data<Eigen::half>()[0] = Eigen::half(1.5F);
  EXPECT_EQ(compare_outputs(a, b, 0, 0).max_absolute_error, 0.5);
  Tensor c = Tensor::allocate(DType::BFloat16, {1});
  Tensor d = Tensor::allocate(DType::BFloat16, {1});
  c.mutable_data<Eigen::bfloat16>()[0] = Eigen::bfloat16(1.0F);
  d.mutable_data<Eigen::bfloat16>()[0] = Eigen::bfloat16(1.5F);
  EXPECT_EQ(compare_outputs(c, d, 0, 0).max_absolute_error, 0.5);
}

TEST(CompareOutputsTest, WantsIntegersEqual) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Tensor a = Tensor::of<std::int64_t>({2}, {5, kLeast});
  const Tensor b = Tensor::of<std::int64_t>({2}, {5, kMost});
  EXPECT_TRUE(compare_outputs(a, a, 0, 0).passed);
  const OutputCheck check = compare_outputs(a, b, kInf, kInf);
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.first_bad_index, 1);
  EXPECT_EQ(check.max_absolute_error, 0x1p64);
}

TEST(CompareOutputsTest, ComparesStringsAndOtherTypes) {
  const Tensor a = Tensor::strings({2}, {"a", "b"});
  const Tensor b = Tensor::strings({2}, {"a", "c"});
  EXPECT_TRUE(compare_outputs(a, a, 0, 0).passed);
  EXPECT_EQ(compare_outputs(a, b, 1, 1).first_bad_index, 1);
  Tensor c = Tensor::allocate(DType::Float8E5M2, {2});
  const Tensor d = Tensor::allocate(DType::Float8E5M2, {2});
  EXPECT_TRUE(compare_outputs(c, d, 0, 0).passed);
  c.mutable_raw()[1] = std::byte{1};
  EXPECT_EQ(compare_outputs(c, d, 0, 0).first_bad_index, 1);
}

TEST(CompareOutputsTest, FailsForOtherTypesOrDims) {
  const Tensor a = Tensor::of<float>({2}, {1, 2});
  EXPECT_FALSE(compare_outputs(a, a.reshaped({1, 2}), kInf, kInf).passed);
  EXPECT_FALSE(compare_outputs(a, Tensor::of<double>({2}, {1, 2}), kInf, kInf).passed);
}

TEST(CompareOutputsTest, PassesEmptyOutputs) {
  EXPECT_TRUE(compare({}, {}).passed);
}

TEST(CompareOutputsTest, ToleratesAShareOfTheLargestMagnitude) {
  const Tensor member = Tensor::of<float>({3}, {-8, 0, kInf});
  const auto passes = [&](float error, double peak) {
    VerifyOptions options;
    options.absolute_tolerance = options.relative_tolerance = 0;
    options.peak_tolerance = peak;
    return compare_outputs(member, Tensor::of<float>({3}, {-8, error, kInf}), options).passed;
  };
  EXPECT_TRUE(passes(0.5F, 0.0625));
  EXPECT_FALSE(passes(0.5625F, 0.0625));
  EXPECT_FALSE(passes(0.0625F, 0));
  EXPECT_EQ(peak_tolerance_of(Precision::Float32), 0);
  EXPECT_EQ(peak_tolerance_of(Precision::Float16), 0x1p-7);
  EXPECT_EQ(peak_tolerance_of(Precision::BFloat16), 0x1p-4);
}

}  // namespace
}  // namespace braid
