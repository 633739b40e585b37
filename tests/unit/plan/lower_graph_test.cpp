#include "plan/lower_graph.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/plan/fake_backend.hpp"

namespace braid {
namespace {

const FakeBackend backend([](KernelCall&) {});

std::shared_ptr<const Program> lower(const Model& model) {
  PackedWeights weights;
  return lower_graph(model, backend, weights, Memory::Loose);
}

std::string message_of(const Model& model, ErrorKind kind) {
  try {
    check_operators(model, backend);
    lower(model);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(LowerGraphTest, FreesEachValueAfterItsLastReader) {
  const auto program = lower(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[2] y) {
      a = Relu(x)
      b = Add(a, x)
      unread = Neg(b)
      y = Add(a, b)
    })"));
  ASSERT_EQ(program->steps.size(), 4U);
  EXPECT_TRUE(program->steps[0].last_used.empty());
  EXPECT_EQ(program->steps[1].last_used, program->inputs);
  EXPECT_EQ(program->steps[2].last_used, program->steps[2].outputs);
  EXPECT_EQ(program->steps[3].last_used, program->steps[3].inputs);
  EXPECT_EQ(program->outputs, program->steps[3].outputs);
}

TEST(LowerGraphTest, SharesConstantsWithTheModel) {
  const Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[2] unread = {3, 4}> {
      c = Constant <value = float[2] {5, 6}> ()
      d = Add(w, c)
      y = Add(x, d)
    })");
  const auto program = lower(model);
  EXPECT_EQ(program->steps.size(), 2U);  // Constant needs no step
  for (const Value& value : model.graph.values) {
    if (value.name == "w") {
      EXPECT_EQ(program->constants[static_cast<std::size_t>(0)].raw().data(),
                value.constant.raw().data());
    }
  }
}

TEST(LowerGraphTest, TakesInputsWithDefaultsAsConstants) {
  const auto program = lower(parse_model_text(R"(
    <ir_version: 3, opset_import: ["" : 7]>
    g (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) })"));
  EXPECT_EQ(program->inputs.size(), 1U);
  EXPECT_EQ(program->constants.size(), 1U);
}

TEST(LowerGraphTest, NamesAllOperatorsWithoutKernelAtOnce) {
  const std::string message = message_of(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17, "com.acme" : 1]>
    g (float[2] x, bool c) => (float[2] y) {
      a = com.acme.Fancy(x)
      b = com.acme.Fancy(a)
      d = Unheard(b)
      y = If (c) <
        then_branch = t () => (float[2] t1) { t1 = Unheard(d) },
        else_branch = e () => (float[2] e1) { e1 = Neg(d) }
      >
    })"),
                                         ErrorKind::Unsupported);
  EXPECT_NE(message.find("com.acme.Fancy (2 nodes, such as 'a')"), std::string::npos) << message;
  EXPECT_NE(message.find("Unheard (2 nodes, such as 'd')"), std::string::npos) << message;
}

TEST(LowerGraphTest, RefusesMaps) {
  const std::string message = message_of(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (map(int64, float[2]) x) => (int64 y) { y = Size(x) })"),
                                         ErrorKind::Unsupported);
  EXPECT_NE(message.find("input 'x' has type map(int64,float[2])"), std::string::npos) << message;
}

TEST(LowerGraphTest, AsksForSynthWhereWeightsHaveNoData) {
  Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) })");
  for (Value& value : model.graph.values) {
    if (value.name == "w") value.constant = Tensor::weightless(DType::Float32, {2});
  }
  EXPECT_EQ(message_of(model, ErrorKind::BadInput),
            "weight 'w' has no data; fill the model with `braid synth`");
}

TEST(LowerGraphTest, RefusesValuesThatNothingProduces) {
  Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[2] y) { a = Relu(x) y = Neg(a) })");
  std::swap(model.graph.nodes[0], model.graph.nodes[1]);
  const std::string message = message_of(model, ErrorKind::BadInput);
  EXPECT_NE(message.find("nothing produces 'a' before node 'y' (Neg) reads it"), std::string::npos)
      << message;
}

}  // namespace
}  // namespace braid
