#include <limits>
#include <random>

#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::noise;
using reference::tensor;
using testing_support::Call;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

// A few units in the last place of float, and what the functions of functions make of that.
constexpr double kTolerance = 1e-6;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// All magnitudes of both signs, and what is special.
Tensor sweep() {
  std::vector<double> values = {0.0,       -0.0,       1.0,    -1.0,   0.5,    -0.5,
                                kInfinity, -kInfinity, kNaN,   88.0,   88.75,  1e-40,
                                -88.0,     -103.0,     -1e-40, 3.4e38, -3.4e38};
  for (double magnitude = 1e-38; magnitude < 1e38; magnitude *= 1.07) {
    values.push_back(magnitude);
    values.push_back(-magnitude);
  }
  for (double x = -12.0; x < 12.0; x += 0.0173)
    values.push_back(x);
  const auto size = static_cast<std::int64_t>(values.size());
  return tensor(DType::Float32, {size}, values);
}

const char* const kFunctions[] = {
    "Abs",   "Ceil",       "Celu",           "Cos",       "Elu",  "Erf",  "Exp",      "Floor",
    "Gelu",  "HardSwish",  "HardSigmoid",    "LeakyRelu", "Log",  "Mish", "Neg",      "Relu",
    "Round", "Reciprocal", "Selu",           "Sigmoid",   "Sign", "Sin",  "Softplus", "Softsign",
    "Sqrt",  "Tanh",       "ThresholdedRelu"};

TEST(CpuElementwiseTest, FunctionsAreRightForAllFloats) {
  for (const char* op : kFunctions)
    expect_bound_as_reference({.op = op, .inputs = {sweep()}}, kTolerance);
  expect_bound_as_reference(
      {.op = "Swish", .inputs = {sweep()}, .attributes = attrs({{"alpha", 1.5F}}), .opset = 24},
      kTolerance);
  expect_bound_as_reference({.op = "Gelu",
                             .inputs = {sweep()},
                             .attributes = attrs({{"approximate", std::string("tanh")}})},
                            kTolerance);
}

TEST(CpuElementwiseTest, NaNAndInfinityAreFound) {
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    const Tensor x = tensor(dtype, {4}, {1.0, kNaN, kInfinity, -kInfinity});
    expect_bound_as_reference({.op = "IsNaN", .inputs = {x}});
    for (const std::int64_t negative : {0, 1}) {
      for (const std::int64_t positive : {0, 1}) {
        expect_bound_as_reference(
            {.op = "IsInf",
             .inputs = {x},
             .attributes = attrs({{"detect_negative", negative}, {"detect_positive", positive}})});
      }
    }
  }
}

TEST(CpuElementwiseTest, FunctionsTakeParameters) {
  for (const char* op : {"Celu", "Elu", "LeakyRelu", "Selu", "HardSigmoid", "ThresholdedRelu"}) {
    Attributes attributes = attrs({{"alpha", 0.7F}});
    if (std::string(op) == "Selu") attributes.set("gamma", 1.3F);
    if (std::string(op) == "HardSigmoid") attributes.set("beta", 0.1F);
    expect_bound_as_reference({.op = op, .inputs = {noise({3, 77})}, .attributes = attributes},
                              kTolerance);
  }
}

const std::vector<std::vector<Dims>> kBroadcasts = {
    {{}, {}},
    {{1}, {}},
    {{0}, {1}},
    {{4, 0, 3}, {1, 3}},
    {{5}, {5}},
    {{1024}, {1024}},
    {{3, 2000}, {2000}},
    {{3, 2000}, {3, 1}},
    {{2, 3, 300}, {3, 1}},
    {{2, 3, 300}, {2, 1, 300}},
    {{2, 3, 7, 7}, {3, 1, 1}},
    {{2, 3, 7, 7}, {1, 3, 1, 7}},
    {{70, 3}, {3}},
    {{500, 3}, {500, 1}},
    {{1, 9, 1}, {6, 1, 5}},
    {{2, 1, 3, 1, 5}, {4, 1, 6, 1}},
    {{600, 5}, {2, 600, 1}},
    {{128, 768}, {768}},
};

TEST(CpuElementwiseTest, OperandsBroadcast) {
  for (const auto& dims : kBroadcasts) {
    for (const DType dtype : {DType::Float32, DType::Float64, DType::Int32, DType::Int64}) {
      const Tensor a = noise(dims[0], dtype, 1.0);
      const Tensor b = noise(dims[1], dtype, 2.0);
      for (const char* op : {"Add", "Sub", "Mul", "Equal", "Greater", "GreaterOrEqual", "Less",
                             "LessOrEqual", "Max", "Min"}) {
        expect_bound_as_reference({.op = op, .inputs = {a, b}}, kTolerance);
        expect_bound_as_reference({.op = op, .inputs = {b, a}}, kTolerance);
      }
    }
    const Tensor a = noise(dims[0], DType::Bool, 1.0);
    const Tensor b = noise(dims[1], DType::Bool, 2.0);
    for (const char* op : {"And", "Or", "Xor", "Equal"})
      expect_bound_as_reference({.op = op, .inputs = {a, b}});
    expect_bound_as_reference({.op = "Div", .inputs = {noise(dims[0]), noise(dims[1])}},
                              kTolerance);
  }
}

TEST(CpuElementwiseTest, WhereBroadcastsThreeOperands) {
  for (const DType dtype :
       {DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::Bool}) {
    expect_bound_as_reference({.op = "Where",
                               .inputs = {noise({2, 1, 1, 300}, DType::Bool),
                                          noise({2, 5, 4, 300}, dtype), noise({}, dtype)}});
    expect_bound_as_reference(
        {.op = "Where",
         .inputs = {noise({4, 1}, DType::Bool), noise({5, 1, 1}, dtype), noise({3}, dtype, 2.0)}});
  }
}

TEST(CpuElementwiseTest, NaNIsTheLargestAndTheSmallest) {
  const Tensor a = tensor(DType::Float32, {4}, {kNaN, 1.0, kNaN, -kInfinity});
  const Tensor b = tensor(DType::Float32, {4}, {2.0, kNaN, kNaN, 1.0});
  for (const char* op : {"Max", "Min"})
    expect_bound_as_reference({.op = op, .inputs = {a, b}});
  expect_bound_as_reference({.op = "PRelu", .inputs = {a, b}});
}

TEST(CpuElementwiseTest, FoldsAnyNumberOfOperands) {
  for (const char* op : {"Max", "Min", "Sum"}) {
    expect_bound_as_reference({.op = op, .inputs = {noise({3, 40})}}, kTolerance);
    expect_bound_as_reference(
        {.op = op, .inputs = {noise({40}), noise({3, 1}, DType::Float32, 2.0), noise({1, 40})}},
        kTolerance);
  }
}

TEST(CpuElementwiseTest, PowersWithKnownExponents) {
  const Tensor base = sweep();
  for (const double exponent : {0.0, 0.5, 1.0, 2.0, 3.0, -1.0, 2.5}) {
    for (const Dims& dims : {Dims{}, Dims{1}}) {
      expect_bound_as_reference({.op = "Pow",
                                 .inputs = {base, tensor(DType::Float32, dims, {exponent})},
                                 .constants = {1}},
                                kTolerance);
    }
  }
  expect_bound_as_reference({.op = "Pow", .inputs = {noise({3, 50}), noise({50})}}, kTolerance);
  expect_bound_as_reference({.op = "Pow", .inputs = {noise({3, 50}), noise({50}, DType::Int64)}},
                            kTolerance);
}

TEST(CpuElementwiseTest, ClipsToKnownAndToComputedBounds) {
  const Tensor low = tensor(DType::Float32, {}, {-0.5});
  const Tensor high = tensor(DType::Float32, {}, {0.75});
  for (const auto& constants : {std::vector<std::size_t>{}, {1, 2}, {1}}) {
    expect_bound_as_reference(
        {.op = "Clip", .inputs = {sweep(), low, high}, .constants = constants});
    expect_bound_as_reference(
        {.op = "Clip", .inputs = {sweep(), Tensor(), high}, .constants = constants});
    expect_bound_as_reference(
        {.op = "Clip", .inputs = {sweep(), high, low}, .constants = constants});
  }
  expect_bound_as_reference({.op = "Clip", .inputs = {sweep(), low}});
  expect_bound_as_reference({.op = "Clip", .inputs = {sweep()}});
  expect_bound_as_reference({.op = "Clip",
                             .inputs = {sweep()},
                             .attributes = attrs({{"min", 0.0F}, {"max", 6.0F}}),
                             .opset = 6});
  expect_bound_as_reference(
      {.op = "Clip",
       .inputs = {noise({40}, DType::Int64), reference::scalar(-1), reference::scalar(2)}});
}

TEST(CpuElementwiseTest, CastsBetweenTypes) {
  const std::vector<DType> types = {DType::Float32, DType::Float64, DType::Int32, DType::Int64,
                                    DType::Bool};
  for (const DType from : types) {
    for (const DType to : types) {
      expect_bound_as_reference({.op = "Cast",
                                 .inputs = {noise({700}, from)},
                                 .attributes = attrs({{"to", static_cast<std::int64_t>(to)}})});
    }
  }
  for (const DType to : {DType::Int32, DType::Int64, DType::Bool}) {
    expect_bound_as_reference({.op = "Cast",
                               .inputs = {sweep()},
                               .attributes = attrs({{"to", static_cast<std::int64_t>(to)}})});
  }
}

TEST(CpuElementwiseTest, IntegersWrapAround) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Tensor a = reference::list({kMost, -kMost - 1, kMost, -kMost - 1});
  const Tensor b = reference::list({1, -1, kMost, 2});
  for (const char* op : {"Add", "Sub", "Mul"}) {
    const auto expected = reference::call(op, {a, b});
    PackedWeights weights;
    const Call call{.op = op, .inputs = {a, b}};
    const auto kernel = testing_support::bind(call, std::vector{expected}, weights);
    ASSERT_NE(kernel, nullptr);
    EXPECT_TRUE(
        same_content(testing_support::run(*kernel, call, std::vector{expected})[0], expected));
  }
  expect_bound_as_reference({.op = "Neg", .inputs = {a}});
  expect_bound_as_reference({.op = "Abs", .inputs = {a}});
}

TEST(CpuElementwiseTest, LeavesToTheReferenceWhatItHasNoCodeFor) {
  EXPECT_FALSE(is_bound({.op = "Exp", .inputs = {noise({3}, DType::Float64)}}));
  EXPECT_FALSE(
      is_bound({.op = "Add", .inputs = {noise({3}, DType::Int16), noise({3}, DType::Int16)}}));
  EXPECT_FALSE(is_bound({.op = "Div", .inputs = {reference::list({6}), reference::list({3})}}));
}

TEST(CpuElementwiseTest, NotNegatesAnyByte) {
  Tensor odd = Tensor::allocate(DType::Bool, {4});
  for (std::size_t i = 0; i < 4; ++i)
    odd.mutable_raw()[i] = static_cast<std::byte>(i * 2);
  expect_bound_as_reference({.op = "Not", .inputs = {odd}});
  expect_bound_as_reference({.op = "And", .inputs = {odd, odd}});
}

}  // namespace
}  // namespace braid
