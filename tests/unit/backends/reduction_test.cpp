#include <limits>

#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::list;
using reference::noise;
using reference::tensor;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

// Sums of some thousand floats below 3 that cancel each other.
constexpr double kTolerance = 1e-5;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const char* const kReductions[] = {"ReduceSum", "ReduceMean", "ReduceMax",      "ReduceMin",
                                   "ReduceL1",  "ReduceL2",   "ReduceSumSquare"};

const std::vector<std::pair<Dims, Dims>> kAxes = {
    {{1}, {0}},
    {{31}, {0}},
    {{33}, {-1}},
    {{5, 100}, {1}},
    {{5, 100}, {0}},
    {{300, 700}, {0}},
    {{30, 70}, {0, 1}},
    {{2, 3, 7, 7}, {2, 3}},
    {{2, 3, 7, 7}, {1}},
    {{2, 3, 4, 5}, {0, 2}},
    {{2, 3, 4, 5}, {1, 3}},
    {{4, 1, 6}, {1}},
    {{3, 9000}, {-1}},
};

TEST(CpuReduceTest, ReducesAnyAxes) {
  for (const char* op : kReductions) {
    for (const auto& [dims, axes] : kAxes) {
      for (const std::int64_t keepdims : {0, 1}) {
        expect_bound_as_reference({.op = op,
                                   .inputs = {noise(dims), list(axes)},
                                   .attributes = attrs({{"keepdims", keepdims}}),
                                   .constants = {1}},
                                  kTolerance);
      }
      expect_bound_as_reference(
          {.op = op, .inputs = {noise(dims)}, .attributes = attrs({{"axes", axes}}), .opset = 11},
          kTolerance);
    }
  }
}

TEST(CpuReduceTest, ReducesOtherTypesExactly) {
  for (const DType dtype : {DType::Int32, DType::Int64}) {
    for (const char* op :
         {"ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare", "ReduceL1"}) {
      for (const auto& [dims, axes] : kAxes)
        expect_bound_as_reference(
            {.op = op, .inputs = {noise(dims, dtype), list(axes)}, .constants = {1}});
    }
  }
  expect_bound_as_reference(
      {.op = "ReduceSum", .inputs = {noise({40, 9}, DType::Float64), list({0})}, .constants = {1}},
      1e-14);
}

TEST(CpuReduceTest, ProductsAndLogarithms) {
  const Tensor positive = reference::call("Abs", {noise({4, 12})});
  for (const char* op : {"ReduceProd", "ReduceLogSum"}) {
    for (const std::int64_t axis : {0, 1})
      expect_bound_as_reference({.op = op, .inputs = {positive, list({axis})}, .constants = {1}},
                                kTolerance);
  }
}

TEST(CpuReduceTest, WithoutAxesAllOrNone) {
  expect_bound_as_reference({.op = "ReduceSum", .inputs = {noise({3, 40})}}, kTolerance);
  expect_bound_as_reference({.op = "ReduceSum",
                             .inputs = {noise({3, 40})},
                             .attributes = attrs({{"noop_with_empty_axes", std::int64_t{1}}})},
                            kTolerance);
}

TEST(CpuReduceTest, NaNAndInfinityAreSeen) {
  std::vector<double> values(99, 1.0);
  values[40] = kNaN;
  values[70] = kInfinity;
  for (const char* op : {"ReduceMax", "ReduceMin", "ReduceSum"}) {
    for (const Dims& dims : {Dims{99}, Dims{99, 1}, Dims{3, 33}, Dims{33, 3}})
      expect_bound_as_reference({.op = op,
                                 .inputs = {tensor(DType::Float32, dims, values), list({0})},
                                 .constants = {1}});
  }
}

TEST(CpuReduceTest, LeavesComputedAxesToTheReference) {
  EXPECT_FALSE(is_bound({.op = "ReduceSum", .inputs = {noise({3, 4}), list({1})}}));
  EXPECT_FALSE(is_bound({.op = "ReduceMean", .inputs = {list({1, 2, 4})}}));
}

TEST(CpuSoftmaxTest, AlongAnyAxis) {
  for (const char* op : {"Softmax", "LogSoftmax"}) {
    for (const Dims& dims : {Dims{1}, Dims{7}, Dims{3, 1}, Dims{2, 5, 33}, Dims{3, 4, 1000},
                             Dims{1, 2, 9, 7}, Dims{2, 0, 3}}) {
      const auto rank = static_cast<std::int64_t>(dims.size());
      for (std::int64_t axis = -rank; axis < rank; ++axis) {
        expect_bound_as_reference(
            {.op = op, .inputs = {noise(dims)}, .attributes = attrs({{"axis", axis}})}, kTolerance);
        expect_bound_as_reference(
            {.op = op, .inputs = {noise(dims)}, .attributes = attrs({{"axis", axis}}), .opset = 11},
            kTolerance);
      }
    }
    expect_bound_as_reference({.op = op, .inputs = {noise({4, 5, 6})}}, kTolerance);
    expect_bound_as_reference({.op = op, .inputs = {noise({4, 5, 6})}, .opset = 12}, kTolerance);
  }
}

TEST(CpuSoftmaxTest, LargeNumbersAndMasks) {
  const std::vector<double> values = {1000.0, 999.0,      -1000.0,    -kInfinity,  //
                                      1.0,    -kInfinity, -kInfinity, -kInfinity,  //
                                      kNaN,   1.0,        2.0,        3.0,         //
                                      -3e38,  -3e38,      0.5,        -103.0};
  for (const char* op : {"Softmax", "LogSoftmax"}) {
    for (const std::int64_t axis : {0, 1}) {
      expect_bound_as_reference({.op = op,
                                 .inputs = {tensor(DType::Float32, {4, 4}, values)},
                                 .attributes = attrs({{"axis", axis}})},
                                kTolerance);
    }
  }
  const Tensor masked = tensor(DType::Float32, {1, 3}, {-kInfinity, -kInfinity, -kInfinity});
  expect_bound_as_reference({.op = "Softmax", .inputs = {masked}});
}

}  // namespace
}  // namespace braid
