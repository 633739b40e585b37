#include "plan/halve/halve_floats.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr double kRounding = 0x1p-11;  // of float16, for a number of 1

Executable halved(const std::string& graph, Precision precision = Precision::Float16,
                  int opset = 20) {
  const Model model = parse_model_text(
      "<ir_version: 10, opset_import: [\"\" : " + std::to_string(opset) + "]>\n" + graph);
  return compile(model, {.device = Device::CudaEmulated, .precision = precision});
}

std::vector<double> run(const Executable& program, const std::vector<Tensor>& inputs) {
  return reference::to_doubles(program.run(inputs)[0]);
}

// "Op: type, type -> type" of each step.
std::vector<std::string> steps_of(const Executable& program, const std::vector<Tensor>& inputs) {
  const auto type = [](const std::string& text) { return text.substr(0, text.find('[')); };
  std::vector<std::string> steps;
  for (const StepReport& step : program.report(to_data(inputs)).steps) {
    std::string line = step.op + ":";
    for (const std::string& input : step.inputs)
      line += " " + type(input);
    steps.push_back(line + " -> " + type(step.outputs.at(0)));
  }
  return steps;
}

TEST(HalveFloatsTest, StoresWhatLiesBetweenTheEdges) {
  const char* const graph = R"(g (float[2,3] x) => (float[2,2] y)
      <float[3,4] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
       float[4,2] v = {1, -1, 2, -2, 3, -3, 4, -4}> {
      a = MatMul(x, w) b = Softmax(a) y = MatMul(b, v) })";
  const std::vector<Tensor> inputs = {Tensor::of<float>({2, 3}, {1, 0, 0, 0, 0, 1})};
  for (const auto& [precision, type] : {std::pair{Precision::Float16, std::string("float16")},
                                        std::pair{Precision::BFloat16, std::string("bfloat16")}}) {
    const Executable program = halved(graph, precision);
    EXPECT_THAT(
        steps_of(program, inputs),
        ElementsAre("Cast: float -> " + type, "MatMul: " + type + " " + type + " -> " + type,
                    "Softmax: " + type + " -> " + type,
                    "MatMul: " + type + " " + type + " -> " + type, "Cast: " + type + " -> float"));
    const double sum = 1 + std::exp(-1) + std::exp(-2) + std::exp(-3);
    const double y = (4 + 3 * std::exp(-1) + 2 * std::exp(-2) + std::exp(-3)) / sum;
    const double rounding = precision == Precision::Float16 ? kRounding : 0x1p-8;
    for (const double each : run(program, inputs))
      EXPECT_NEAR(std::abs(each), y, 2 * rounding * y);  // of the Softmax, and of the product
    EXPECT_NE(run(program, inputs)[0], y);
  }
}

TEST(HalveFloatsTest, ElementwiseOperatorsConvertForThemselves) {
  const Executable program = halved(R"(g (float[64] x) => (float[64] y) {
      a = Tanh(x) b = Mul(a, a) y = Softmax(b) })");
  EXPECT_THAT(steps_of(program, {noise({64})}),
              ElementsAre("Elementwise: float -> float16", "Softmax: float16 -> float16",
                          "Cast: float16 -> float"));
  const Executable last = halved("g (float[64] x) => (float[64] y) { a = Softmax(x) y = Neg(a) }");
  EXPECT_THAT(steps_of(last, {noise({64})}),
              ElementsAre("Cast: float -> float16", "Softmax: float16 -> float16",
                          "Neg: float16 -> float"));
}

// Without its bits, position 2049 would be 2048.
TEST(HalveFloatsTest, PositionsStayFloats) {
  const Executable program = halved(R"(g (int64[2] p, float[2] x) => (float[2] y) {
      f = Cast<to = 1>(p) a = Mul(f, f) b = Sqrt(a) c = Relu(b) d = Sin(c)
      e = Softmax(x) y = Mul(d, e) })");
  const std::vector<Tensor> inputs = {Tensor::of<std::int64_t>({2}, {2049, 4001}),
                                      Tensor::of<float>({2}, {0, 0})};
  const std::vector<double> y = run(program, inputs);
  EXPECT_NEAR(y[0], std::sin(2049) / 2, 1e-4);
  EXPECT_NEAR(y[1], std::sin(4001) / 2, 1e-4);
}

TEST(HalveFloatsTest, WhatBecomesAnIntegerStaysAFloat) {
  const Executable program = halved(R"(g (float[2] x) => (int64[2] y) <float[1] one = {1}> {
      a = Add(x, one) b = Relu(a) c = Neg(b) d = Neg(c) y = Cast<to = 7>(d) })");
  const std::vector<Tensor> inputs = {Tensor::of<float>({2}, {2048, 70000})};
  EXPECT_THAT(run(program, inputs), ElementsAre(2049, 70001));
}

TEST(HalveFloatsTest, SumsAndSquaresDoNotOverflow) {
  const std::vector<Tensor> inputs = {Tensor::of<float>({4}, {300, 300, 300, 3e4F})};
  const Executable sum = halved(R"(g (float[4] x) => (float[1] y) <int64[1] axes = {0}> {
      a = Abs(x) b = Relu(a) c = Identity(b) s = ReduceSum(c, axes) t = Sqrt(s) y = Neg(t) })");
  EXPECT_NEAR(run(sum, inputs)[0], -std::sqrt(30900.0), 0.1);
  const Executable mean = halved(R"(g (float[4] x) => (float[1] y) <int64[1] axes = {0}> {
      a = Mul(x, x) m = ReduceMean(a, axes) y = Sqrt(m) })");
  const double root = std::sqrt((3 * 9e4 + 9e8) / 4);
  EXPECT_NEAR(run(mean, inputs)[0], root, 4 * kRounding * root);
}

// An infinity in all of a row would make NaN of it.
TEST(HalveFloatsTest, MasksStayFinite) {
  const char* const graph = R"(g (float[2,2] x, bool[2,1] m) => (float[2,2] y)
      <float[1] lowest = {-3.4028234e38}, float[1] zero = {0}> {
      a = Where(m, lowest, zero) s = Add(x, a) r = Relu(x) b = Where(m, s, r)
      y = Softmax(b) })";
  const std::vector<Tensor> inputs = {
      Tensor::of<float>({2, 2}, {300, 100, 2, 2}),
      reference::tensor(DType::Bool, {2, 1}, {1, 0}),
  };
  for (const Precision precision : {Precision::Float16, Precision::BFloat16})
    EXPECT_THAT(run(halved(graph, precision), inputs), ElementsAre(0.5, 0.5, 0.5, 0.5));
}

TEST(HalveFloatsTest, InfinitiesOfTheModelStay) {
  const Executable program = halved(R"(g (float[2] x) => (float[2] y)
      <float[2] low = {-inf, 0}> { a = Add(x, low) y = Softmax(a) })");
  EXPECT_THAT(run(program, {Tensor::of<float>({2}, {9, -9})}), ElementsAre(0, 1));
}

TEST(HalveFloatsTest, WarnsOfConstantsBeyondTheRange) {
  const auto warnings_of = [](const std::string& weight, Precision precision) {
    const Executable program =
        halved("g (float[1,2] x) => (float[1,2] y) <float[2,2] big = {" + weight +
                   "}> "
                   "{ a = MatMul(x, big) y = Softmax(a) }",
               precision);
    const std::vector<Tensor> inputs = {Tensor::of<float>({1, 2}, {0.5F, 0})};
    program.run(inputs);
    return program.report(to_data(inputs)).warnings;
  };
  EXPECT_THAT(warnings_of("1, 70000, 3, 80000", Precision::Float16),
              ElementsAre("constant 'big': 2 of its numbers, from 70000 to 80000, are beyond "
                          "float16 and taken as 65504 with their sign"));
  EXPECT_THAT(warnings_of("1, 70000, 3, 80000", Precision::BFloat16), IsEmpty());
  EXPECT_THAT(warnings_of("1, 60000, 3, 4", Precision::Float16), IsEmpty());
  EXPECT_THAT(warnings_of("1, -1e9, 3, -1e9", Precision::Float16), IsEmpty());  // a mask
}

TEST(HalveFloatsTest, WhatHasNoKernelComputesInFloat) {
  const Executable program = halved(R"(g (float[2,3] x) => (float[2,3] y) {
      a = Softmax(x) b = Hardmax(a) y = Softmax(b) })");
  const std::vector<Tensor> inputs = {noise({2, 3})};
  EXPECT_THAT(
      steps_of(program, inputs),
      ElementsAre("Cast: float -> float16", "Softmax: float16 -> float16", "Cast: float16 -> float",
                  "Hardmax: float -> float", "Cast: float -> float16",
                  "Softmax: float16 -> float16", "Cast: float16 -> float"));
}

TEST(HalveFloatsTest, OneConversionServesAllMembers) {
  const Executable program =
      halved(R"(g (float[1,4] a, float[1,4] b) => (float[1,4] p, float[1,4] q) {
      x = Concat<axis = 0>(a, b) y = Softmax(x)
      sizes = Constant<value_ints = [1, 1]>() p, q = Split<axis = 0>(y, sizes) })");
  const std::vector<std::string> steps = steps_of(program, {noise({1, 4}), noise({1, 4})});
  EXPECT_EQ(std::ranges::count_if(steps, [](auto& step) { return step.starts_with("Cast"); }), 2);
}

TEST(HalveFloatsTest, SubgraphsSeeFloats) {
  const Executable program = halved(R"(g (float[3] x, bool c) => (float[3] y) {
      a = Softmax(x)
      b = If (c) <then_branch = t () => (float[3] u) { u = Softmax(a) },
                  else_branch = e () => (float[3] v) { v = Neg(a) }>
      y = Add(b, a) })");
  const Tensor x = Tensor::of<float>({3}, {1, 1, 1});
  const auto y = run(program, {x, reference::tensor(DType::Bool, {}, {1})});
  EXPECT_NEAR(y[0], 2.0 / 3, 2 * kRounding);
  EXPECT_EQ(run(program, {x, reference::tensor(DType::Bool, {}, {0})})[0], 0);
}

// What is float16 in the file is fused as floats are.
TEST(HalveFloatsTest, ModelsOf16BitsAreFused) {
  const std::string graph = R"(g (float16[1,2,8,4] q, float16[1,2,8,4] k, float16[1,2,8,4] v)
      => (float16[1,2,8,4] y) {
      t = Transpose<perm = [0, 1, 3, 2]>(k) s = MatMul(q, t) p = Softmax(s) m = MatMul(p, v)
      n = Tanh(m) o = Sqrt(n) r = IsNaN(o) y = Where(r, n, m) })";
  const std::vector<Tensor> inputs(3, noise({1, 2, 8, 4}, DType::Float16));
  const Executable program = halved(graph, Precision::Float32);
  EXPECT_THAT(steps_of(program, inputs), Contains(StartsWith("Attention: float16")));
  EXPECT_THAT(steps_of(program, inputs), Contains(HasSubstr("Elementwise: float16")));
  const Model model = parse_model_text("<ir_version: 10, opset_import: [\"\" : 20]>\n" + graph);
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  reference::expect_values(program.run(inputs)[0], {1, 2, 8, 4}, reference::to_doubles(expected[0]),
                           16 * kRounding);
}

}  // namespace
}  // namespace braid
