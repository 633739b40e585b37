#include <gmock/gmock.h>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;
using testing::ElementsAre;
using testing::StartsWith;

constexpr double kTolerance = 1e-5;

Model model_of(const std::string& graph) {
  return parse_model_text("<ir_version: 10, opset_import: [\"\" : 22]>\n" + graph);
}

// Operators that run on a GPU; what they compute is compared with the reference.
std::vector<std::string> operators_of(const std::string& graph, const std::vector<Tensor>& inputs,
                                      bool groups_products = true) {
  const Model model = model_of(graph);
  CompileOptions options{.device = Device::CudaEmulated};
  options.groups_products = groups_products;
  const Executable program = compile(model, options);
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  for (int run = 0; run < 2; ++run) {  // launched, and replayed
    const auto actual = program.run(inputs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                               kTolerance);
    }
  }
  std::vector<std::string> operators;
  for (const StepReport& step : program.report(to_data(inputs)).steps)
    operators.push_back(step.op);
  return operators;
}

// Heads of different widths behind one trunk, with and without a bias, a sum and an activation.
const std::string kHeads =
    "g (float[4,40] x, float[40,3] a, float[40,5] b, float[40,70] c, float[4,70] s) =>"
    " (float[4,3] p, float[4,5] q, float[4,70] r)"
    " <float[5] bias = {1, -2, 3, -4, 5}> {"
    " p = MatMul(x, a) m = MatMul(x, b) n = Add(m, bias) q = Relu(n)"
    " o = MatMul(x, c) t = Add(o, s) r = Tanh(t) }";
const std::vector<Tensor> kHeadInputs = {
    noise({4, 40}), noise({40, 3}, DType::Float32, 2.0), noise({40, 5}, DType::Float32, 3.0),
    noise({40, 70}, DType::Float32, 4.0), noise({4, 70}, DType::Float32, 5.0)};

TEST(GroupProductsTest, ProductsOfUnequalSizes) {
  EXPECT_THAT(operators_of(kHeads, kHeadInputs), ElementsAre("GroupedMatMul"));
  EXPECT_THAT(operators_of(kHeads, kHeadInputs, false), ElementsAre("MatMul", "MatMul", "MatMul"));
}

TEST(GroupProductsTest, TellsItsWorkAndItsKernel) {
  const auto steps = compile(model_of(kHeads), {.device = Device::CudaEmulated})
                         .report(to_data(kHeadInputs))
                         .steps;
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_THAT(steps[0].kernel, StartsWith("cuda grouped_gemm_"));
  EXPECT_EQ(steps[0].launches, 1U);
  EXPECT_EQ(steps[0].flops, 2 * 4 * 40 * (3 + 5 + 70));
}

// Share classes of members 0 to 2, 3, and 4 to 5; matrices of members of their own; rows that lie
// apart.
TEST(GroupProductsTest, BatchesAndMembers) {
  const std::vector<Tensor> inputs = {noise({3, 5, 16}),
                                      noise({16, 8}, DType::Float32, 2.0),
                                      noise({5, 16}, DType::Float32, 3.0),
                                      noise({16, 8}, DType::Float32, 4.0),
                                      noise({2, 3, 5, 16}),
                                      noise({2, 1, 16, 9})};
  EXPECT_THAT(operators_of("g (float[3,5,16] a, float[16,8] u, float[5,16] b, float[16,8] v,"
                           " float[2,3,5,16] c, float[2,1,16,9] w) =>"
                           " (float[3,5,8] p, float[5,8] q, float[2,3,5,9] r) {"
                           " p = MatMul(a, u) q = MatMul(b, v) r = MatMul(c, w) }",
                           inputs),
              ElementsAre("GroupedMatMul"));
}

// What reads the first product stands before the second one.
TEST(GroupProductsTest, NodesStayInOrder) {
  const std::vector<Tensor> inputs = {noise({4, 8}), noise({8, 8}, DType::Float32, 2.0),
                                      noise({8, 8}, DType::Float32, 3.0)};
  EXPECT_THAT(
      operators_of("g (float[4,8] x, float[8,8] w, float[8,8] v) => (float[4,8] y, float[4,8] z) {"
                   " a = MatMul(x, w) b = Softmax<axis = 0>(a) c = MatMul(b, w) y = Softmax(c)"
                   " d = MatMul(x, v) z = Softmax<axis = 0>(d) }",
                   inputs),
      ElementsAre("GroupedMatMul", "Softmax", "MatMul", "Softmax", "Softmax"));
}

// 64 tiles and more fill the four processors of the emulated GPU: the small product stays alone.
TEST(GroupProductsTest, LeavesLargeProductsApart) {
  const std::vector<Tensor> inputs = {noise({512, 64}), noise({64, 512}, DType::Float32, 2.0),
                                      noise({64, 512}, DType::Float32, 3.0)};
  EXPECT_THAT(operators_of("g (float[512,64] x, float[64,512] v, float[64,512] w) =>"
                           " (float[512,512] y, float[512,512] z) {"
                           " y = MatMul(x, v) z = MatMul(x, w) }",
                           inputs),
              ElementsAre("MatMul", "MatMul"));
}

TEST(GroupProductsTest, LeavesAProcessorAlone) {
  const auto steps = compile(model_of(kHeads)).report(to_data(kHeadInputs)).steps;
  for (const StepReport& step : steps)
    EXPECT_EQ(step.op, "MatMul");
}

}  // namespace
}  // namespace braid
