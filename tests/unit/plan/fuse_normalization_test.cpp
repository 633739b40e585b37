#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;

constexpr double kTolerance = 1e-5;

// Scale and bias of a row of six.
Model model_of(const std::string& nodes, const std::string& outputs = "float[2,3,6] y",
               int opset = 17) {
  return parse_model_text("<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) +
                          "]>\n" + "g (float[2,3,6] x) => (" + outputs +
                          ") <float[6] w = {1, 2, -3, 0.5, 1.5, 2.5}, float[1,1,6] b = {1, 2, 3, 4,"
                          " 5, 6}, float e = {0.01}, float two = {2}, float one = {1}> {" +
                          nodes + "}");
}

std::vector<std::string> kernels_of(const Model& model) {
  const std::vector<Tensor> inputs = {noise({2, 3, 6})};
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  const Executable program = compile(model);
  const auto actual = program.run(inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                             kTolerance);
  }
  std::vector<std::string> names;
  for (const StepReport& step : program.report(to_data(inputs)).steps)
    names.push_back(step.kernel);
  return names;
}

using Names = std::vector<std::string>;

const std::string kVariance =
    "m = ReduceMean<axes = [-1]>(x) d = Sub(x, m) q = Pow(d, two) v = ReduceMean<axes = [-1]>(q)"
    " a = Add(v, e) s = Sqrt(a) ";

TEST(FuseNormalizationTest, LayerNormalization) {
  for (const char* nodes :
       {"n = Div(d, s) p = Mul(n, w) y = Add(p, b)", "n = Div(d, s) p = Mul(b, n) y = Add(w, p)",
        "n = Div(d, s) y = Mul(n, w)", "r = Div(one, s) n = Mul(d, r) y = Mul(n, w)"})
    EXPECT_EQ(kernels_of(model_of(kVariance + nodes)), Names{"normalise_rows"}) << nodes;
  EXPECT_EQ(kernels_of(model_of("m = ReduceMean<axes = [2]>(x) d = Sub(x, m) q = Mul(d, d)"
                                " v = ReduceMean<axes = [2]>(q) a = Add(e, v) s = Sqrt(a)"
                                " n = Div(d, s) p = Mul(n, w) y = Add(p, b)")),
            Names{"normalise_rows"});
}

TEST(FuseNormalizationTest, RootMeanSquares) {
  const std::string root = "v = ReduceMean<axes = [-1]>(q) a = Add(v, e) s = Sqrt(a) ";
  for (const char* square : {"q = Pow(x, two) ", "q = Mul(x, x) "}) {
    for (const char* end :
         {"r = Reciprocal(s) n = Mul(x, r) y = Mul(w, n)", "n = Div(x, s) y = Mul(n, w)"})
      EXPECT_EQ(kernels_of(model_of(square + root + end)), Names{"normalise_rows"}) << end;
  }
}

TEST(FuseNormalizationTest, LeavesOtherGraphsAlone) {
  const auto is_left = [](const Model& model) {
    const Names names = kernels_of(model);
    return std::find(names.begin(), names.end(), "normalise_rows") == names.end();
  };
  const std::string end = "n = Div(d, s) y = Mul(n, w)";
  EXPECT_TRUE(is_left(model_of(kVariance + end, "float[2,3,6] y, float[2,3,1] s")));
  EXPECT_TRUE(is_left(model_of(kVariance + "n = Div(d, s) y = Mul(n, two)")));
  EXPECT_TRUE(
      is_left(model_of("q = Pow(x, two) v = ReduceMean<axes = [1]>(q) a = Add(v, e)"
                       " s = Sqrt(a) n = Div(x, s) y = Mul(n, w)")));
  EXPECT_TRUE(
      is_left(model_of("t = Exp(x) q = Pow(t, two) v = ReduceMean<axes = [2]>(q)"
                       " a = Add(v, e) s = Sqrt(a) n = Div(x, s) y = Mul(n, w)")));
  // What is read elsewhere is no part of a LayerNormalization; the rest is a root mean square.
  EXPECT_FALSE(is_left(model_of(kVariance + end, "float[2,3,6] y, float[2,3,6] d")));
}

TEST(FuseActivationsTest, MakesOneOperator) {
  for (const auto& [nodes, name] :
       {std::pair{"s = Sigmoid(x) y = Mul(s, x)", "Swish"},
        std::pair{"s = HardSigmoid<alpha = 0.16666667>(x) y = Mul(x, s)", "HardSwish"}}) {
    const Model model = model_of(nodes);
    EXPECT_EQ(kernels_of(model), Names{"elementwise"}) << name;
  }
}

TEST(FuseActivationsTest, LeavesOtherProductsAlone) {
  EXPECT_EQ(kernels_of(model_of("s = HardSigmoid<alpha = 0.2>(x) y = Mul(x, s)")),
            Names{"elementwise HardSigmoid Mul"});
  EXPECT_EQ(kernels_of(model_of("s = Sigmoid(x) y = Mul(s, s)")), Names{"elementwise Sigmoid Mul"});
  EXPECT_EQ(kernels_of(model_of("s = Sigmoid(x) y = Mul(s, x)", "float[2,3,6] y, float[2,3,6] s")),
            (Names{"elementwise", "elementwise"}));
}

// One step: the activation is the epilogue of the product.
TEST(FuseActivationsTest, BecomeEpilogues) {
  for (const std::string nodes :
       {"s = Sigmoid(p) y = Mul(p, s)",
        "c = Div(p, r) f = Erf(c) g = Add(f, one) h = Mul(p, g) y = Mul(h, half)",
        "k = Pow(p, three) c = Mul(k, u) f = Add(p, c) t = Mul(f, z) g = Tanh(t) i = Add(g, one)"
        " h = Mul(p, half) y = Mul(h, i)"}) {
    const Model model = parse_model_text(
        "<ir_version: 8, opset_import: [\"\" : 17]>\n"
        "g (float[2,3,6] x) => (float[2,3,2] y) <float[6,2] w = {1, 2, -3, 4, 5, 6, -7, 8, 9, 1, 2,"
        " 3}, float one = {1}, float half = {0.5}, float r = {1.4142135}, float three = {3},"
        " float u = {0.044715}, float z = {0.7978845608}> { p = MatMul(x, w) " +
        nodes + "}");
    EXPECT_EQ(kernels_of(model).size(), 1U) << nodes;
  }
}

}  // namespace
}  // namespace braid
