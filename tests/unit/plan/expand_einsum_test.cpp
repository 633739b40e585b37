#include <gtest/gtest.h>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;
using reference::noise;

constexpr double kTolerance = 1e-5;

std::string spelled(const Dims& dims) {
  std::string text;
  for (const std::int64_t dim : dims)
    text += (text.empty() ? "" : ",") + std::to_string(dim);
  return "float[" + text + "]";
}

// What runs for an Einsum of inputs of these dims; its result is compared with the reference's.
std::vector<std::string> operators_of(const std::string& equation, const std::vector<Dims>& inputs,
                                      Device device = Device::Cpu) {
  std::string ports;
  std::string names;
  std::vector<Tensor> data;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    ports += (i == 0 ? "" : ", ") + spelled(inputs[i]) + " " + name;
    names += (i == 0 ? "" : ", ") + name;
    data.push_back(noise(inputs[i], DType::Float32, static_cast<unsigned>(i + 1)));
  }
  const Model model = parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]> g (" + ports +
                                       ") => (float y) { y = Einsum<equation = \"" + equation +
                                       "\">(" + names + ") }");
  const Tensor expected = compile(model, {.device = Device::Reference}).run(data)[0];
  const Executable program = compile(model, {device});
  reference::expect_values(program.run(data)[0], expected.dims(), reference::to_doubles(expected),
                           kTolerance);
  std::vector<std::string> operators;
  for (const StepReport& step : program.report(to_data(data)).steps)
    operators.push_back(step.op);
  return operators;
}

using Operators = std::vector<std::string>;

TEST(ExpandEinsumTest, Products) {
  EXPECT_EQ(operators_of("ibh,hnd->ibnd", {{2, 3, 4}, {4, 5, 6}}), Operators{"MatMul"});
  EXPECT_EQ(operators_of("mik, mkj -> mij", {{2, 3, 4}, {2, 4, 5}}), Operators{"MatMul"});
  EXPECT_EQ(operators_of("ij,jk", {{2, 3}, {3, 4}}), Operators{"MatMul"});
  EXPECT_EQ(operators_of("i,i->", {{4}, {4}}), Operators{"MatMul"});
  EXPECT_EQ(operators_of("i,j->ij", {{3}, {4}}), Operators{"MatMul"});
}

TEST(ExpandEinsumTest, ProductsOfMovedOperands) {
  EXPECT_EQ(operators_of("ibnd,jbnd->bnij", {{2, 3, 4, 5}, {6, 3, 4, 5}}),
            (Operators{"Transpose", "Transpose", "MatMul"}));
  EXPECT_EQ(operators_of("ijbs,ibns->bnij", {{2, 3, 4, 5}, {2, 4, 6, 5}}),
            (Operators{"Transpose", "Transpose", "MatMul", "Transpose"}));
  // The operand with the columns goes to the right.
  EXPECT_EQ(operators_of("ji,jk->ki", {{2, 3}, {2, 4}}), (Operators{"Transpose", "MatMul"}));
}

// A GPU has a kernel for Einsum. MatMuls take more in, Transposes cost more.
TEST(ExpandEinsumTest, ExpandsWhatLiesReadyForAGpu) {
  const Device gpu = Device::CudaEmulated;
  EXPECT_EQ(operators_of("mibh,mhnd->mibnd", {{2, 3, 4, 5}, {2, 5, 6, 7}}, gpu),
            Operators{"MatMul"});
  EXPECT_EQ(operators_of("ij->ji", {{2, 3}}, gpu), Operators{"Transpose"});
  EXPECT_EQ(operators_of("ibnd,jbnd->bnij", {{2, 3, 4, 5}, {6, 3, 4, 5}}, gpu),
            Operators{"Einsum"});
  EXPECT_EQ(operators_of("ibnd,hnd->ibh", {{2, 3, 4, 5}, {6, 4, 5}}, gpu), Operators{"Einsum"});
}

TEST(ExpandEinsumTest, OneOperand) {
  EXPECT_EQ(operators_of("ijbn->bnij", {{2, 3, 4, 5}}), Operators{"Transpose"});
}

TEST(ExpandEinsumTest, LeavesOthersAlone) {
  const Operators left = {"Einsum"};
  EXPECT_EQ(operators_of("...ij,...jk->...ik", {{2, 3, 4}, {2, 4, 5}}), left);
  EXPECT_EQ(operators_of("ii->i", {{3, 3}}), left);
  EXPECT_EQ(operators_of("ij->i", {{3, 4}}), left);
  EXPECT_EQ(operators_of("ij,k->ik", {{2, 3}, {4}}), left);
  EXPECT_EQ(operators_of("ik,jkl->ij", {{2, 3}, {4, 3, 2}}), left);
  EXPECT_EQ(operators_of("ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 5}}), left);
  EXPECT_EQ(operators_of("ij,jk->ik", {{2, 1}, {3, 4}}), left);
  EXPECT_EQ(operators_of("ij,jk->ik", {{2, 0}, {0, 4}}), left);
}

}  // namespace
}  // namespace braid
