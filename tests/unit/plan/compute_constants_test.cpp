#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;

// Sums of some hundred products of numbers below 3.
constexpr double kTolerance = 1e-5;

Model model_of(const std::string& graph) {
  return parse_model_text("<ir_version: 10, opset_import: [\"\" : 22]>\n" + graph);
}

// Where the steps are that are left; each run yields what the reference device does.
std::vector<std::string> places_left(const Model& model, const std::vector<Tensor>& inputs) {
  const Executable program = compile(model);
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  for (int run = 0; run < 2; ++run) {
    const auto actual = program.run(inputs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                               kTolerance);
    }
  }
  std::vector<std::string> places;
  for (const StepReport& step : program.report(to_data(inputs)).steps)
    places.push_back(step.place);
  return places;
}

using Places = std::vector<std::string>;

TEST(ComputeConstantsTest, RunsWhatReadsConstantsOnce) {
  // 20 kB, and larger than what it is made of: not folded before.
  const Model model =
      model_of("g (float[50,100] x) => (float[50,100] y) <float[100] c = {" + std::string("0.5") +
               [] {
                 std::string rest;
                 for (int i = 1; i < 100; ++i)
                   rest += ", " + std::to_string(i % 7);
                 return rest;
               }() +
               "}, int64[2] d = {50, 100}> { a = Expand(c, d) b = Exp(a) t = Transpose(b)"
               " s = Softmax(t) u = Transpose(s) [last] y = Mul(u, x) }");
  EXPECT_EQ(places_left(model, {noise({50, 100})}), Places{"node 'last' (Mul)"});
}

TEST(ComputeConstantsTest, DependsOnTheInputsSizes) {
  const Model model = model_of(
      "g (float[n] x) => (float[n] y) <float v = {3.0}> { s = Shape(x)"
      " a = ConstantOfShape<value = float[1] {2.5}>(s) b = Mul(a, v) [last] y = Sub(b, x) }");
  for (const std::int64_t size : {300, 7000})
    EXPECT_EQ(places_left(model, {noise({size})}), Places{"node 'last' (Sub)"});
}

// 400 kB, from a model of next to no weights.
TEST(ComputeConstantsTest, LeavesWhatIsLarge) {
  const Model model = model_of(
      "g (float[n] x) => (float[n] y) <float v = {3.0}> { s = Shape(x)"
      " [wide] a = ConstantOfShape<value = float[1] {2.5}>(s) [last] y = Pow(a, x) }");
  EXPECT_EQ(places_left(model, {noise({100000})}),
            (Places{"node 'wide' (ConstantOfShape)", "node 'last' (Pow)"}));
}

// A weight of 160 kB: what is made of it takes its place, unless others need it as it is.
TEST(ComputeConstantsTest, ReplacesWhatNothingElseReads) {
  const auto weighted = [](const std::string& outputs, const std::string& nodes) {
    Model model = model_of("g (float[2,400] x, float[400,100] w) => (" + outputs + ") {" + nodes +
                           " [last] y = MatMul(x, t) }");
    Graph& graph = model.graph;
    graph.value(graph.inputs[1]).constant = noise({400, 100});
    graph.inputs.pop_back();
    return model;
  };
  const std::vector<Tensor> inputs = {noise({2, 400})};
  EXPECT_EQ(places_left(weighted("float[2,100] y", "t = Softmax(w)"), inputs),
            Places{"node 'last' (ai.braid.MatMul)"});
  EXPECT_EQ(places_left(weighted("float[2,100] y, float[2,100] z",
                                 "[soft] t = Softmax(w) [other] z = MatMul(x, w)"),
                        inputs)
                .size(),
            3U);
}

TEST(ComputeConstantsTest, LeavesOutputsAndWhatDependsOnInputs) {
  const Model model = model_of(
      "g (float[2] x) => (float[2] y, float[50,100] z) <float[1] c = {2.5}, int64[2] d = {50, 100},"
      " int64[1] e = {2}> { [out] z = Expand(c, d) a = Expand(c, e) [last] y = Pow(a, x) }");
  EXPECT_EQ(places_left(model, {noise({2})}),
            (Places{"node 'out' (ConstantOfShape)", "node 'last' (Pow)"}));
}

}  // namespace
}  // namespace braid
