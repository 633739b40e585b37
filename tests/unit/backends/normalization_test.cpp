#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::noise;
using testing_support::Call;
using testing_support::expect_bound;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

// Sums of some thousand floats, of which a root is divided by.
constexpr double kTolerance = 1e-5;

Tensor positive(const Dims& dims) {
  return reference::call("Abs", {noise(dims, DType::Float32, 5.0)});
}

const std::vector<Dims> kDims = {{1}, {5}, {3, 768}, {2, 3, 33}, {4, 1, 7, 9}, {0, 5}};

TEST(CpuNormalizationTest, LayerNormalizationOfAnyAxis) {
  for (const Dims& dims : kDims) {
    for (std::int64_t axis = 0; axis < static_cast<std::int64_t>(dims.size()); ++axis) {
      const Dims row(dims.begin() + axis, dims.end());
      const Attributes attributes = attrs({{"axis", axis}, {"epsilon", 0.01F}});
      expect_bound_as_reference({.op = "LayerNormalization",
                                 .inputs = {noise(dims), noise(row, DType::Float32, 2.0),
                                            noise(row, DType::Float32, 3.0)},
                                 .attributes = attributes},
                                kTolerance);
      expect_bound_as_reference({.op = "LayerNormalization",
                                 .inputs = {noise(dims), noise(row, DType::Float32, 2.0)},
                                 .attributes = attributes},
                                kTolerance);
      expect_bound_as_reference({.op = "RMSNormalization",
                                 .inputs = {noise(dims), noise(row, DType::Float32, 2.0)},
                                 .attributes = attributes,
                                 .opset = 23},
                                kTolerance);
    }
  }
}

TEST(CpuNormalizationTest, LeavesStatisticsAndParametersPerRowToTheReference) {
  const Tensor x = noise({4, 6});
  EXPECT_FALSE(is_bound({.op = "LayerNormalization", .inputs = {x, noise({6})}, .outputs = 3}));
  EXPECT_FALSE(is_bound({.op = "LayerNormalization", .inputs = {x, noise({4, 6})}}));
  EXPECT_FALSE(is_bound({.op = "LayerNormalization", .inputs = {x, noise({1})}}));
}

// The fused operator is the sum, and LayerNormalization of it.
TEST(CpuNormalizationTest, SkipLayerNormalization) {
  for (const Dims& dims : {Dims{1, 1}, Dims{128, 256}, Dims{2, 3, 33}}) {
    const Dims row = {dims.back()};
    const Tensor x = noise(dims);
    const Tensor residual = noise(dims, DType::Float32, 2.0);
    const Tensor scale = noise(row, DType::Float32, 3.0);
    const Tensor bias = noise(row, DType::Float32, 4.0);
    const Tensor addend = noise(row, DType::Float32, 5.0);
    for (const bool has_addend : {false, true}) {
      Tensor sum = reference::call("Add", {x, residual});
      if (has_addend) sum = reference::call("Add", {sum, addend});
      for (const bool has_bias : {false, true}) {
        const Tensor some_bias = has_bias ? bias : Tensor();
        const Tensor y = reference::call("LayerNormalization", {sum, scale, some_bias});
        const Call call{.op = "SkipLayerNormalization",
                        .inputs = {x, residual, scale, some_bias, has_addend ? addend : Tensor()},
                        .domain = std::string(kFusedDomain)};
        expect_bound(call, std::vector{y, sum}, kTolerance);
        expect_bound(call, std::vector{y}, kTolerance);
      }
    }
  }
}

TEST(CpuNormalizationTest, BatchNormalization) {
  for (const Dims& dims : {Dims{3, 40}, Dims{2, 5, 9}, Dims{2, 3, 7, 7}, Dims{1, 64, 30, 30},
                           Dims{2, 0, 3}, Dims{0, 3, 2}}) {
    const Dims channels = {dims[1]};
    expect_bound_as_reference({.op = "BatchNormalization",
                               .inputs = {noise(dims), noise(channels, DType::Float32, 2.0),
                                          noise(channels, DType::Float32, 3.0),
                                          noise(channels, DType::Float32, 4.0), positive(channels)},
                               .attributes = attrs({{"epsilon", 0.01F}})},
                              kTolerance);
  }
}

TEST(CpuNormalizationTest, GroupsOfChannels) {
  for (const Dims& dims : {Dims{1, 4, 1}, Dims{2, 12, 5}, Dims{2, 12, 7, 7}, Dims{1, 4, 80, 80}}) {
    const Dims channels = {dims[1]};
    expect_bound_as_reference({.op = "InstanceNormalization",
                               .inputs = {noise(dims), noise(channels, DType::Float32, 2.0),
                                          noise(channels, DType::Float32, 3.0)}},
                              kTolerance);
    for (const std::int64_t groups : {1, 2, 4}) {
      for (const std::int64_t opset : {18, 21}) {
        const Dims parameters = {opset == 18 ? groups : dims[1]};
        expect_bound_as_reference({.op = "GroupNormalization",
                                   .inputs = {noise(dims), noise(parameters, DType::Float32, 2.0),
                                              noise(parameters, DType::Float32, 3.0)},
                                   .attributes = attrs({{"num_groups", groups}}),
                                   .opset = opset},
                                  kTolerance);
      }
    }
  }
}

}  // namespace
}  // namespace braid
