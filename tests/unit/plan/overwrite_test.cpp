#include <gtest/gtest.h>

#include "backends/cpu/cpu_backend.hpp"
#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "plan/lower_graph.hpp"
#include "plan/specialise_shapes.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;

constexpr double kTolerance = 1e-5;

Model model_of(const std::string& nodes, const std::string& outputs = "float[4,6] y") {
  return parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]> g (float[4,6] x) => (" +
                          outputs + ") <float[6,6] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5," +
                          " 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9}," +
                          " int64[2] wide = {2, 12}, int64[2] tall = {4, 6}> {" + nodes + "}");
}

// The steps whose output lies where one of their inputs does. Results agree with the reference's.
std::vector<std::string> overwriting(Model model) {
  const std::vector<Tensor> inputs = {noise({4, 6})};
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  const auto actual = compile(model).run(inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                             kTolerance);
  }
  specialise_shapes(model, to_data(inputs));
  PackedWeights weights;
  const auto program = lower_graph(model, cpu_backend(), weights, Memory::Planned);
  std::vector<std::string> result;
  for (const Step& step : program->steps) {
    const Residence& output = program->value(step.outputs[0]);
    for (const Slot slot : step.inputs) {
      const Residence& input = program->value(slot);
      if (input.kind == Residence::Kind::Arena && input.offset == output.offset)
        result.push_back(step.op);
    }
  }
  return result;
}

using Operators = std::vector<std::string>;

TEST(OverwriteTest, WhatNobodyNeedsAnyMore) {
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) y = Relu(a)")), Operators{"Relu"});
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) b = Sigmoid(a) y = Add(b, x)")),
            (Operators{"Sigmoid", "Add"}));
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) b = Sigmoid(a) y = Add(a, b)")),
            Operators{"Add"});
}

TEST(OverwriteTest, NotWhatIsReadLaterOrTwice) {
  EXPECT_EQ(overwriting(model_of("y = Relu(x)")), Operators{});  // the caller's
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) y = Relu(a)", "float[4,6] y, float[4,6] a")),
            Operators{});
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) y = Mul(a, a)")), Operators{});
}

TEST(OverwriteTest, ViewsCountAsTheirBase) {
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) v = Reshape(a, wide) b = Relu(v)"
                                 " y = Reshape(b, tall)")),
            Operators{"Relu"});
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) v = Reshape(a, wide) b = Relu(v)"
                                 " c = Reshape(b, tall) y = Sub(a, c)")),
            Operators{"Sub"});
  EXPECT_EQ(overwriting(model_of("a = MatMul(x, w) p, q = Split(a) b = Relu(p) y = Concat<axis = 0>"
                                 "(q, b)")),
            Operators{});
}

TEST(OverwriteTest, SumsOfProducts) {
  const Model model = model_of("a = MatMul(x, w) b = Relu(a) c = MatMul(b, w) y = Add(c, b)");
  EXPECT_EQ(overwriting(model), (Operators{"Relu", "Add"}));
  const auto shares = [](const std::string& text) {
    const Executable program = compile(model_of(text));
    const auto steps = program.report(to_data(std::vector<Tensor>{noise({4, 6})})).steps;
    const StepReport& last = steps.back();
    return std::find(last.inputs.begin(), last.inputs.end(), last.outputs[0]) != last.inputs.end();
  };
  // The sum is the product's epilogue; what the product itself reads stays.
  EXPECT_TRUE(shares("s = Tanh(x) a = MatMul(x, w) b = MatMul(a, w) y = Add(b, s)"));
  EXPECT_FALSE(shares("s = Tanh(x) b = MatMul(s, w) y = Add(b, s)"));
}

}  // namespace
}  // namespace braid
