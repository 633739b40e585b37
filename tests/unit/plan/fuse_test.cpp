#include "plan/fuse/fuse.hpp"

#include <limits>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;

// What functions of functions of float make of a few units in the last place.
constexpr double kTolerance = 1e-5;
// What several layers of sums of products make of them, where terms cancel.
constexpr double kLayersTolerance = 1e-3;

Model model_of(const std::string& graph) {
  return parse_model_text("<ir_version: 10, opset_import: [\"\" : 22]>\n" + graph);
}

// Runs the model as it is on the reference device, and fused on the CPU.
void expect_as_reference(const Model& model, const std::vector<Tensor>& inputs,
                         double tolerance = kTolerance) {
  const auto actual = compile(model).run(inputs);
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                             tolerance);
  }
}

std::vector<std::string> kernels_of(const Model& model, const std::vector<Tensor>& inputs) {
  std::vector<std::string> names;
  for (const StepReport& step : compile(model).report(to_data(inputs)).steps)
    names.push_back(step.kernel);
  return names;
}

using Names = std::vector<std::string>;

// Neither has a step that is left to the reference, or the run would be without inferred dims.
TEST(LayOutChannelsLastTest, ConstantsOfAnyRankFollow) {
  for (const char* nodes : {"w = Constant<value = float[4] {1, 2, 3, 4}>()",
                            "w = Constant<value = float[3,1] {1, 2, 3}>()"}) {
    const Model model = model_of("g (float[2,3,4] x) => (float[2,3,4] y) {" + std::string(nodes) +
                                 " k = Constant<value = float[3,3,1] {1, 2, 3, 4, 5, 6, 7, 8, 9}>()"
                                 " a = Conv(x, k) y = Mul(a, w) }");
    const Executable program = compile(model);
    program.run(std::vector{noise({2, 3, 4})});
    for (const StepReport& step : program.report(to_data(std::vector{noise({2, 3, 4})})).steps)
      EXPECT_NE(step.kernel, "reference") << step.place;
    expect_as_reference(model, {noise({2, 3, 4})});
  }
}

// Makes constants, full of noise, of all inputs but the first.
Model with_weights(Model model) {
  Graph& graph = model.graph;
  for (std::size_t i = 1; i < graph.inputs.size(); ++i) {
    Value& value = graph.value(graph.inputs[i]);
    std::vector<std::int64_t> dims;
    for (const Dim& dim : *value.type.shape)
      dims.push_back(dim.size);
    value.constant = noise(dims);
  }
  graph.inputs.resize(1);
  return model;
}

bool contains(const Names& names, const std::string& part) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name.find(part) != std::string::npos; });
}

// Three members side by side in the channels: convolution, pooling, a constant and a sum follow.
TEST(LayOutChannelsLastTest, MembersAreConvolvedOneByOne) {
  const Model model = with_weights(model_of(
      R"(g (float[2,24,9,7] x, float[48,8,3,3] k, float[48,16,1,1] p, float[48,1,3,3] d, float[48] b, float[48,1,1] s) => (float[2,48,4,3] y, float[2,48,1,1] z) {
      a = Conv<group = 3, pads = [1, 1, 1, 1], strides = [2, 2]>(x, k, b) c = Relu(a)
      m = MaxPool<kernel_shape = [2, 2]>(c) e = Conv<group = 3>(m, p)
      f = Add(e, m) h = Mul(f, s) i = Conv<group = 48, pads = [1, 1, 1, 1]>(h, d)
      y = Add(i, h) z = GlobalAveragePool(y) })"));
  const std::vector<Tensor> inputs = {noise({2, 24, 9, 7})};
  EXPECT_TRUE(contains(kernels_of(model, inputs), "x3"));
  expect_as_reference(model, inputs, kLayersTolerance);
}

// A wide convolution of one image for all members writes what the members' own ones read.
TEST(LayOutChannelsLastTest, MembersShareWhatAWideConvolutionReads) {
  const Model model = with_weights(model_of(
      R"(g (float[1,3,8,8] x, float[32,3,3,3] k, float[32,16,1,1] p, float[32] b) => (float[1,32,6,6] y) {
      a = Conv(x, k, b) c = Sigmoid(a) y = Conv<group = 2>(c, p) })"));
  EXPECT_TRUE(contains(kernels_of(model, {noise({1, 3, 8, 8})}), "x2"));
  expect_as_reference(model, {noise({1, 3, 8, 8})}, kLayersTolerance);
}

// Where one convolution reads all channels, they stay together.
TEST(LayOutChannelsLastTest, GroupsBetweenWholeConvolutionsStayTogether) {
  const Model model = with_weights(model_of(
      R"(g (float[1,16,5,5] x, float[16,16,1,1] k, float[16,8,1,1] p, float[8,16,1,1] q) => (float[1,8,5,5] y) {
      a = Conv(x, k) b = Conv<group = 2>(a, p) y = Conv(b, q) })"));
  EXPECT_FALSE(contains(kernels_of(model, {noise({1, 16, 5, 5})}), "x2"));
  expect_as_reference(model, {noise({1, 16, 5, 5})}, kLayersTolerance);
}

TEST(FuseElementwiseTest, MakesOneOperatorOfAChain) {
  const Model model = model_of(R"(g (float[4,300] x, float[300] z) => (float[4,300] y) {
      a = Mul(x, z) b = Sigmoid(a) y = Sub(b, x) })");
  const std::vector<Tensor> inputs = {noise({4, 300}), noise({300})};
  EXPECT_EQ(kernels_of(model, inputs), Names{"elementwise Mul Sigmoid Sub"});
  expect_as_reference(model, inputs);
}

TEST(FuseElementwiseTest, TakesWhatTheSameChainReadsTwice) {
  const Model model = model_of(R"(g (float[2,5] x) => (float[2,5] y) {
      a = Exp(x) b = Tanh(a) c = Neg(a) d = Add(b, c) y = Mul(d, a) })");
  EXPECT_EQ(kernels_of(model, {noise({2, 5})}), Names{"elementwise Exp Tanh Neg Add Mul"});
  expect_as_reference(model, {noise({2, 5})});
}

TEST(FuseElementwiseTest, LeavesOutWhatOthersRead) {
  const Model model = model_of(R"(g (float[2,5] x) => (float[2,5] y, float[2,5] b, float[5,2] t) {
      a = Exp(x) b = Tanh(a) c = Neg(b) y = Relu(c) d = Sqrt(a) t = Transpose<perm = [1, 0]>(d) })");
  const Names names = kernels_of(model, {noise({2, 5})});
  ASSERT_EQ(names.size(), 5U);  // also Exp, Tanh, Sqrt and Transpose
  EXPECT_EQ(std::count(names.begin(), names.end(), "elementwise Neg Relu"), 1);
  expect_as_reference(model, {noise({2, 5})});
}

TEST(FuseElementwiseTest, LeavesOutWhatIsBroadcastLater) {
  const Model model = model_of(R"(g (float[1,5] x, float[3,5] z) => (float[3,5] y) {
      a = Exp(x) b = Neg(z) y = Add(a, b) })");
  const std::vector<Tensor> inputs = {noise({1, 5}), noise({3, 5})};
  EXPECT_EQ(kernels_of(model, inputs), (Names{"elementwise", "elementwise Neg Add"}));
  expect_as_reference(model, inputs);
}

TEST(FuseElementwiseTest, LeavesOutOtherTypes) {
  const Model model = model_of(R"(g (int64[4] x) => (int64[4] y) { a = Neg(x) y = Add(a, x) })");
  EXPECT_EQ(kernels_of(model, {reference::list({1, 2, 3, 4})}).size(), 2U);
  expect_as_reference(model, {reference::list({1, 2, 3, 4})});
}

TEST(FuseElementwiseTest, SelectsByBools) {
  const Model model = model_of(R"(g (float[3,70] x, float[70] z, bool[3,70] m) => (float[3,70] y) {
      a = Less(x, z) b = And(a, m) c = Not(b) d = Cast<to = 1>(c)
      e = Where(b, x, d) y = Mul(e, z) } )");
  const std::vector<Tensor> inputs = {noise({3, 70}), noise({70}), noise({3, 70}, DType::Bool)};
  EXPECT_EQ(kernels_of(model, inputs), Names{"elementwise Less And Not Cast Where Mul"});
  expect_as_reference(model, inputs);
}

// As exporters guard a Softmax, whose last axis is not that of the product behind it.
TEST(FuseElementwiseTest, TestsForNaNAndInfinity) {
  const Model model = model_of(R"(g (float[3,70] x) => (float[3,70] y) <float zero = {0.0}> {
      n = IsNaN(x) a = Where(n, zero, x) i = IsInf<detect_negative = 0>(a)
      y = Where(i, zero, a) })");
  std::vector<double> values(210, 1.5);
  values[3] = std::numeric_limits<double>::quiet_NaN();
  values[5] = std::numeric_limits<double>::infinity();
  values[7] = -std::numeric_limits<double>::infinity();
  const std::vector<Tensor> inputs = {reference::tensor(DType::Float32, {3, 70}, values)};
  EXPECT_EQ(kernels_of(model, inputs), Names{"elementwise IsNaN Where IsInf Where"});
  expect_as_reference(model, inputs);
}

// Every operator that a chain may have has code.
TEST(FuseElementwiseTest, OperatorsHaveKernels) {
  const char* const unary[] = {"Abs",         "Ceil",      "Celu",
                               "Cos",         "Elu",       "Erf",
                               "Exp",         "Floor",     "Gelu",
                               "HardSigmoid", "HardSwish", "LeakyRelu",
                               "Log",         "Mish",      "Neg",
                               "Reciprocal",  "Relu",      "Round",
                               "Selu",        "Sigmoid",   "Sign",
                               "Sin",         "Softplus",  "Softsign",
                               "Sqrt",        "Tanh",      "ThresholdedRelu",
                               "Clip",        "Max",       "Min",
                               "Sum"};
  const char* const binary[] = {"Add", "Div", "Mul", "PRelu", "Pow", "Sub", "Max", "Min", "Sum"};
  const std::vector<Tensor> inputs = {reference::call("Abs", {noise({9, 31})}),
                                      noise({9, 31}, DType::Float32, 2.0)};
  const auto check = [&](const std::string& op, const std::string& operands) {
    const Model model =
        model_of("g (float[9,31] x, float[9,31] z) => (float[9,31] y) { a = Add(x, z) b = " + op +
                 "(" + operands + ") c = Mul(b, z) y = Sub(c, a) }");
    const Names names = kernels_of(model, inputs);
    ASSERT_EQ(names.size(), 1U) << op;
    expect_as_reference(model, inputs);
  };
  for (const char* op : unary)
    check(op, "x");
  for (const char* op : binary)
    check(op, "x, z");
}

// One operator has at most 16 operations; a longer chain becomes several.
TEST(FuseElementwiseTest, LongChainsAreCut) {
  std::string nodes;
  std::string last = "x";
  for (int i = 0; i < 40; ++i) {
    const std::string name = "v" + std::to_string(i);
    nodes += name + " = " + (i % 2 == 0 ? "Sin" : "Sigmoid") + "(" + last + ") ";
    last = name;
  }
  const Model model =
      model_of("g (float[1000] x) => (float[1000] y) {" + nodes + "y = Neg(" + last + ")}");
  EXPECT_EQ(kernels_of(model, {noise({1000})}).size(), 3U);
  expect_as_reference(model, {noise({1000})});
}

// Many operands that stand still in each row need a register each.
TEST(FuseElementwiseTest, WideChainsHaveRegisters) {
  std::string ports = "float[9,700] x";
  std::string nodes;
  std::string last = "x";
  std::vector<Tensor> inputs = {noise({9, 700})};
  for (int i = 0; i < 30; ++i) {
    const std::string name = std::to_string(i);
    ports += ", float[9,1] i" + name;
    nodes +=
        "n" + name + " = Mul(x, i" + name + ") a" + name + " = Add(n" + name + ", " + last + ") ";
    last = "a" + name;
    inputs.push_back(noise({9, 1}, DType::Float32, i));
  }
  const Model model =
      model_of("g (" + ports + ") => (float[9,700] y) {" + nodes + "y = Neg(" + last + ")}");
  EXPECT_LE(kernels_of(model, inputs).size(), 6U);
  expect_as_reference(model, inputs);
}

Model skip_model(const std::string& outputs, const std::string& nodes) {
  std::string text = "g (float[2,3,40] x, float[2,3,40] z) => (float[2,3,40] y" + outputs + ")\n<";
  for (const char* name : {"w", "b", "c"}) {
    text += std::string(*name == 'w' ? "" : ", ") + "float[40] " + name + " = {";
    for (int i = 0; i < 40; ++i)
      text += (i == 0 ? "" : ", ") + std::to_string(0.25 * (i % 7) + (*name == 'b' ? 1.0 : 0.5));
    text += "}";
  }
  return model_of(text + "> {" + nodes + "}");
}

TEST(FuseSkipLayerNormalizationTest, TakesTheSum) {
  const std::vector<Tensor> inputs = {noise({2, 3, 40}), noise({2, 3, 40}, DType::Float32, 2.0)};
  for (const char* nodes :
       {"s = Add(x, z) y = LayerNormalization(s, w, b)",
        "a = Add(x, c) s = Add(a, z) y = LayerNormalization<epsilon = 0.1>(s, w)",
        "a = Add(c, x) s = Add(z, a) y = LayerNormalization<axis = 2>(s, w, b)"}) {
    const Model model = skip_model("", nodes);
    EXPECT_EQ(kernels_of(model, inputs), Names{"normalise_sums"}) << nodes;
    expect_as_reference(model, inputs);
  }
}

TEST(FuseSkipLayerNormalizationTest, KeepsASumThatOthersRead) {
  const std::vector<Tensor> inputs = {noise({2, 3, 40}), noise({2, 3, 40}, DType::Float32, 2.0)};
  const Model model =
      skip_model(", float[2,3,40] t", "s = Add(x, z) t = Tanh(s) y = LayerNormalization(s, w, b)");
  EXPECT_EQ(kernels_of(model, inputs), (Names{"normalise_sums", "elementwise"}));
  expect_as_reference(model, inputs);
}

TEST(FuseSkipLayerNormalizationTest, LeavesOtherSumsAlone) {
  const std::vector<Tensor> inputs = {noise({2, 3, 40}), noise({2, 3, 40}, DType::Float32, 2.0)};
  for (const char* nodes : {"s = Add(x, c) y = LayerNormalization(s, w, b)",
                            "s = Sub(x, z) y = LayerNormalization(s, w, b)"}) {
    const Model model = skip_model("", nodes);
    EXPECT_EQ(kernels_of(model, inputs), (Names{"elementwise", "normalise_rows"})) << nodes;
    expect_as_reference(model, inputs);
  }
}

}  // namespace
}  // namespace braid
