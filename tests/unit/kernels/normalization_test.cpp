#include <limits>

#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Softmax, AlongAnyAxis) {
  const Tensor x = floats({2, 2}, {0, std::log(3.0F), 1000, 1000});
  expect_values(call("Softmax", {x}), {2, 2}, {0.25, 0.75, 0.5, 0.5});
  expect_values(call("LogSoftmax", {x}), {2, 2},
                {std::log(0.25), std::log(0.75), std::log(0.5), std::log(0.5)});
  expect_values(call("Softmax", {x}, attrs({{"axis", -2}})), {2, 2}, {0, 0, 1, 1});
  expect_values(call("Hardmax", {floats({2, 3}, {1, 3, 3, 2, 0, 1})}), {2, 3}, {0, 1, 0, 1, 0, 0});
  expect_values(call("Softmax", {floats({2, 0}, {})}), {2, 0}, {});
  expect_fails("axis 2", "Softmax", {x}, attrs({{"axis", 2}}));
}

TEST(Softmax, FlattenedBeforeOpset13) {
  const Tensor x = floats({1, 2, 2}, {0, 0, 0, 0});
  expect_values(call("Softmax", {x}, {}, 12), {1, 2, 2}, {0.25, 0.25, 0.25, 0.25});
  expect_values(call("Softmax", {x}, attrs({{"axis", 2}}), 11), {1, 2, 2}, {0.5, 0.5, 0.5, 0.5});
  expect_values(call("Softmax", {x}, attrs({{"axis", 2}}), 13), {1, 2, 2}, {0.5, 0.5, 0.5, 0.5});
}

TEST(LayerNormalization, ThreeOutputs) {
  const Tensor x = floats({2, 1, 2}, {1, 3, 10, 20});
  const Tensor scale = floats({2}, {1, 2});
  const Tensor bias = floats({2}, {0, 5});
  const Attributes exact = attrs({{"epsilon", 0.0F}});
  const std::vector<Tensor> outputs = call_all("LayerNormalization", {x, scale, bias}, exact, 3);
  expect_values(outputs[0], {2, 1, 2}, {-1, 7, -1, 7});
  expect_values(outputs[1], {2, 1, 1}, {2, 15});
  expect_values(outputs[2], {2, 1, 1}, {1, 0.2});
  EXPECT_EQ(outputs[1].dtype(), DType::Float32);
  expect_values(call("LayerNormalization", {x, scale}, exact), {2, 1, 2}, {-1, 2, -1, 2});
  const Tensor all =
      call("LayerNormalization", {x, floats({}, {1})}, attrs({{"axis", 0}, {"epsilon", 0.0F}}));
  const double deviation = std::sqrt((7.5 * 7.5 + 5.5 * 5.5 + 1.5 * 1.5 + 11.5 * 11.5) / 4);
  expect_values(all, {2, 1, 2},
                {-7.5 / deviation, -5.5 / deviation, 1.5 / deviation, 11.5 / deviation});
}

TEST(LayerNormalization, MembersWithTheirOwnScale) {
  // Scale and bias vary along a dimension that is not normalised, as merged models have it.
  const Tensor x = floats({2, 2, 2}, {1, 3, 2, 4, 1, 3, 2, 6});
  const Tensor scale = floats({2, 1, 2}, {1, 1, 10, 20});
  const Tensor bias = floats({2, 1, 2}, {0, 0, 1, 2});
  expect_values(call("LayerNormalization", {x, scale, bias}, attrs({{"epsilon", 0.0F}})), {2, 2, 2},
                {-1, 1, -1, 1, -9, 22, -9, 22});
  expect_fails("broadcast", "LayerNormalization", {x, noise({3})});
  expect_values(call("RMSNormalization", {floats({1, 2}, {3, 4}), floats({2}, {1, 2})},
                     attrs({{"epsilon", 0.0F}})),
                {1, 2}, {3 / std::sqrt(12.5), 8 / std::sqrt(12.5)});
}

TEST(BatchNormalization, AnyRank) {
  const Tensor scale = floats({2}, {2, 3});
  const Tensor bias = floats({2}, {1, 0});
  const Tensor mean = floats({2}, {1, 2});
  const Tensor variance = floats({2}, {4, 9});
  const Attributes exact = attrs({{"epsilon", 0.0F}});
  const auto normalise = [&](const Tensor& x) {
    return call("BatchNormalization", {x, scale, bias, mean, variance}, exact);
  };
  expect_values(normalise(floats({1, 2, 2}, {1, 3, 2, 5})), {1, 2, 2}, {1, 3, 0, 3});
  expect_values(normalise(floats({2, 2}, {1, 2, 3, 5})), {2, 2}, {1, 0, 3, 3});
  expect_values(normalise(floats({0, 2, 4}, {})), {0, 2, 4}, {});
  expect_fails("must have 3 values", "BatchNormalization",
               {noise({1, 3, 2}), scale, bias, mean, variance});
}

TEST(BatchNormalization, TrainsOnTheStatisticsOfItsInput) {
  // Channels {1, 3, 5, 7} and {2, 2, 2, 6}: means 4 and 3, variances 5 and 3.
  const Tensor x = floats({2, 2, 2}, {1, 3, 2, 2, 5, 7, 2, 6});
  const auto outputs = call_all(
      "BatchNormalization",
      {x, floats({2}, {2, 1}), floats({2}, {1, 0}), floats({2}, {8, 1}), floats({2}, {1, 4})},
      attrs({{"epsilon", 1.0F}, {"momentum", 0.75F}, {"training_mode", 1}}), 3);
  const double factor = 2.0 / std::sqrt(6.0);
  expect_values(outputs[0], {2, 2, 2},
                {1 - 3 * factor, 1 - factor, -0.5, -0.5, 1 + factor, 1 + 3 * factor, -0.5, 1.5},
                1e-6);
  expect_values(outputs[1], {2}, {7, 1.5});
  expect_values(outputs[2], {2}, {2, 3.75});
}

TEST(GroupNormalization, ParametersPerGroupThenPerChannel) {
  const Tensor x = floats({1, 4, 1}, {1, 3, 10, 20});
  const Attributes two = attrs({{"num_groups", 2}, {"epsilon", 0.0F}});
  expect_values(call("GroupNormalization", {x, floats({2}, {1, 2}), floats({2}, {0, 5})}, two, 18),
                {1, 4, 1}, {-1, 1, 3, 7});
  expect_values(call("GroupNormalization",
                     {x, floats({4}, {1, 2, 3, 4}), floats({4}, {0, 0, 0, 1})}, two, 21),
                {1, 4, 1}, {-1, 2, -3, 5});
  expect_fails("must have 4 values", "GroupNormalization",
               {x, floats({2}, {1, 2}), floats({2}, {0, 5})}, two, 21);
  expect_fails("num_groups 3", "GroupNormalization", {x, noise({4}), noise({4})},
               attrs({{"num_groups", 3}}));
}

TEST(OtherNormalizations, ByHand) {
  expect_values(call("InstanceNormalization",
                     {floats({1, 2, 2}, {1, 3, 10, 20}), floats({2}, {1, 2}), floats({2}, {0, 1})},
                     attrs({{"epsilon", 0.0F}})),
                {1, 2, 2}, {-1, 1, -1, 3});
  const Tensor x = floats({2, 2}, {3, 4, 0, 0});
  expect_values(call("LpNormalization", {x}), {2, 2}, {0.6, 0.8, 0, 0});
  expect_values(call("LpNormalization", {x}, attrs({{"axis", 0}, {"p", 1}})), {2, 2}, {1, 1, 0, 0});
  expect_values(call("MeanVarianceNormalization", {x}, attrs({{"axes", Dims{1}}})), {2, 2},
                {-1, 1, 0, 0});
  // Windows of 3 channels: squares 1 + 4, 1 + 4 + 9, 4 + 9.
  expect_values(call("LRN", {floats({1, 3, 1}, {1, 2, 3})},
                     attrs({{"size", 3}, {"alpha", 3.0F}, {"beta", 1.0F}, {"bias", 0.0F}})),
                {1, 3, 1}, {1.0 / 5, 2.0 / 14, 3.0 / 13});
}

TEST(Reduce, EveryOperator) {
  const Tensor x = floats({2, 3}, {1, -2, 3, 4, 5, -6});
  const std::vector<std::pair<std::string, std::vector<double>>> expected = {
      {"ReduceSum", {2, 3}},
      {"ReduceMean", {2.0 / 3, 1}},
      {"ReduceProd", {-6, -120}},
      {"ReduceMax", {3, 5}},
      {"ReduceMin", {-2, -6}},
      {"ReduceL1", {6, 15}},
      {"ReduceSumSquare", {14, 77}},
      {"ReduceLogSum", {std::log(2), std::log(3)}},
      {"ReduceL2", {std::sqrt(14.0), std::sqrt(77.0)}},
      {"ReduceLogSumExp",
       {std::log(std::exp(1) + std::exp(-2) + std::exp(3)),
        std::log(std::exp(4) + std::exp(5) + std::exp(-6))}}};
  for (const auto& [op, values] : expected) {
    SCOPED_TRACE(op);
    expect_values(call(op, {x, list({1})}), {2, 1}, values);
    expect_values(call(op, {x, list({-1})}, attrs({{"keepdims", 0}})), {2}, values);
    expect_values(call(op, {x}, attrs({{"axes", Dims{1}}}), 11), {2, 1}, values);
  }
}

TEST(Reduce, AxesAndTypes) {
  const Tensor x = noise({3, 4, 5, 6}, DType::Float64);
  const Tensor moved = call("Transpose", {x}, attrs({{"perm", Dims{1, 3, 0, 2}}}));
  const Tensor expected = call("ReduceSum", {moved, list({2, 3})}, attrs({{"keepdims", 0}}));
  expect_values(call("ReduceSum", {x, list({0, -2})}, attrs({{"keepdims", 0}})), {4, 6},
                to_doubles(expected), 1e-12);
  const Tensor counts = tensor(DType::Int32, {3}, {1, 2, 4});
  expect_values(call("ReduceMean", {counts}), {1}, {2});
  expect_values(call("ReduceSum", {counts}, attrs({{"keepdims", 0}})), {}, {7});
  expect_values(call("ReduceMax", {tensor(DType::Bool, {2}, {0, 1})}), {1}, {1});
  expect_values(call("ReduceSum", {floats({}, {3})}), {}, {3});
  const Attributes noop = attrs({{"noop_with_empty_axes", 1}});
  expect_values(call("ReduceSum", {floats({2}, {1, -2})}, noop), {2}, {1, -2});
  expect_values(call("ReduceSumSquare", {floats({2}, {1, -2}), list({})}, noop), {2}, {1, 4});
  expect_fails("axis 1 is given twice", "ReduceSum", {noise({2, 2}), list({1, -1})});
  expect_fails("out of range", "ReduceSum", {noise({2, 2}), list({2})});
}

TEST(Reduce, OfNothing) {
  const Tensor x = floats({2, 0}, {});
  expect_values(call("ReduceSum", {x, list({1})}), {2, 1}, {0, 0});
  expect_values(call("ReduceProd", {x, list({1})}), {2, 1}, {1, 1});
  expect_values(call("ReduceMax", {x, list({1})}), {2, 1}, {-kInf, -kInf});
  expect_values(call("ReduceLogSumExp", {x, list({1})}), {2, 1}, {-kInf, -kInf});
  expect_values(call("ReduceSum", {x, list({0})}), {1, 0}, {});
  expect_values(call("ReduceMin", {tensor(DType::Int8, {0}, {})}), {1}, {127});
  expect_values(call("ReduceMax", {tensor(DType::Int8, {0}, {})}), {1}, {-128});
  expect_fails("mean of nothing", "ReduceMean", {tensor(DType::Int8, {0}, {})});
}

TEST(ArgExtremum, TiesAndAxes) {
  const Tensor x = floats({2, 3}, {1, 3, 3, 2, 2, 0});
  expect_values(call("ArgMax", {x}, attrs({{"axis", 1}})), {2, 1}, {1, 0});
  expect_values(call("ArgMax", {x}, attrs({{"axis", -1}, {"select_last_index", 1}})), {2, 1},
                {2, 1});
  expect_values(call("ArgMin", {x}, attrs({{"keepdims", 0}})), {3}, {0, 1, 1});
  expect_fails("empty", "ArgMax", {floats({0, 2}, {})});
}

TEST(Cumulative, SumsBothWays) {
  const Tensor x = floats({2, 2}, {1, 2, 3, 4});
  expect_values(call("CumSum", {x, scalar(1)}), {2, 2}, {1, 3, 3, 7});
  expect_values(call("CumSum", {x, scalar(-2)}, attrs({{"exclusive", 1}})), {2, 2}, {0, 0, 1, 2});
  expect_values(call("CumSum", {x, scalar(1)}, attrs({{"reverse", 1}})), {2, 2}, {3, 2, 7, 4});
  expect_values(call("CumProd", {x, scalar(0)}), {2, 2}, {1, 2, 3, 8});
}

TEST(TopK, OrderTiesAndOldForms) {
  const Tensor x = floats({2, 4}, {1, 4, 4, 2, 8, 5, 6, 7});
  std::vector<Tensor> outputs = call_all("TopK", {x, list({2})}, {}, 2);
  expect_values(outputs[0], {2, 2}, {4, 4, 8, 7});
  expect_values(outputs[1], {2, 2}, {1, 2, 0, 3});
  outputs = call_all("TopK", {x, list({1})}, attrs({{"axis", 0}, {"largest", 0}}), 2);
  expect_values(outputs[1], {1, 4}, {0, 0, 0, 0});
  expect_values(call("TopK", {x}, attrs({{"k", 1}}), 9), {2, 1}, {4, 8});
  const Tensor odd = tensor(DType::Float32, {3}, {1, std::nan(""), 2});
  expect_values(call_all("TopK", {odd, list({3})}, {}, 2)[1], {3}, {1, 2, 0});
  expect_fails("k 5", "TopK", {x, list({5})});
}

}  // namespace
}  // namespace braid::reference
