#include <gmock/gmock.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "ir/traverse.hpp"

namespace braid {
namespace {

using testing::HasSubstr;
using testing::Not;

Model parsed(const std::string& opsets, const std::string& graph) {
  return parse_model_text("<ir_version: 8, opset_import: [" + opsets + "]> " + graph);
}

std::vector<std::string> operators(const Graph& graph) {
  std::vector<std::string> result;
  for (const Node& node : graph.nodes)
    result.push_back(node.op_type);
  return result;
}

std::string refusal(Model model, const std::string& domain, std::int64_t target) {
  try {
    convert_opset(model, domain, target);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::CannotMerge);
    return error.what();
  }
  return "converted";
}

TEST(ConvertOpset, RewritesWhatChangedAndKeepsTheRest) {
  Model model = parsed(R"("" : 11)", R"(
    g (float[2,3] x) => (float[2,1,3] y) {
      [first] a = Relu(x)
      [second] y = Unsqueeze<axes=[1]>(a)
    })");
  model.graph.nodes[1].metadata = {{"key", "value"}};
  convert_opset(model, "", 18);
  EXPECT_EQ(model.opset(), 18);
  EXPECT_EQ(operators(model.graph), (std::vector<std::string>{"Relu", "Constant", "Unsqueeze"}));
  const Node& last = model.graph.nodes.back();
  EXPECT_EQ(last.name, "second");
  EXPECT_EQ(last.metadata, (Metadata{{"key", "value"}}));
  EXPECT_EQ(model.graph.value(last.outputs[0]).name, "y");
  EXPECT_EQ(model.graph.nodes[0].name, "first");
}

TEST(ConvertOpset, LeavesWeightsWhereTheyAre) {
  Model model = parsed(R"("" : 12)", R"(
    g (float[1,3] x) => (float[1,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}> {
      p = MatMul(x, w)
      y = Softmax<axis=1>(p)
    })");
  const auto data_of_w = [&] {
    for (const Value& value : model.graph.values) {
      if (value.name == "w") return value.constant.raw().data();
    }
    return static_cast<const std::byte*>(nullptr);
  };
  const std::byte* before = data_of_w();
  convert_opset(model, "", 13);
  EXPECT_NE(before, nullptr);
  EXPECT_EQ(data_of_w(), before);
}

TEST(ConvertOpset, ConvertsSubgraphsAndNotThoseOfCopies) {
  Model model = parsed(R"("" : 11)", R"(
    g (bool c, float[2,3] x) => (float[2,1,3] y) {
      y = If(c) <
        then_branch = a () => (float[2,1,3] t) { t = Unsqueeze<axes=[1]>(x) },
        else_branch = b () => (float[2,1,3] e) { n = Neg(x) e = Unsqueeze<axes=[1]>(n) }
      >
    })");
  const Model before = model;
  convert_opset(model, "", 13);
  const auto inner_operators = [](const Model& owner) {
    std::vector<std::string> result;
    for_each_subgraph(owner.graph.nodes[0], [&](const GraphPtr& inner) {
      for (const std::string& op : operators(*inner))
        result.push_back(op);
    });
    return result;
  };
  EXPECT_EQ(inner_operators(before), (std::vector<std::string>{"Unsqueeze", "Neg", "Unsqueeze"}));
  EXPECT_EQ(inner_operators(model),
            (std::vector<std::string>{"Constant", "Unsqueeze", "Neg", "Constant", "Unsqueeze"}));
}

TEST(ConvertOpset, NamesAllThatDoesNotConvert) {
  const Model model = parsed(R"("" : 8)", R"(
    g (float[2,3] x) => (float[2,3] y, float[2,3] z) {
      [norm] y = BatchNormalization<spatial=0>(x, x, x, x, x)
      [cell] a = NoSuchOperator(x)
      z = Relu(a)
    })");
  const std::string text = refusal(model, "", 13);
  EXPECT_THAT(text, HasSubstr("opset 8 does not convert to opset 13"));
  EXPECT_THAT(text, HasSubstr("BatchNormalization 'norm'"));
  EXPECT_THAT(text, HasSubstr("NoSuchOperator 'cell'"));
  EXPECT_THAT(text, Not(HasSubstr("Relu")));
  EXPECT_THAT(text, Not(HasSubstr(".h:")));
}

// In opset 12 Hardmax flattens at its axis, in 13 it does not; ONNX's converter says nothing.
TEST(ConvertOpset, KeepsTheMeaningOfHardmax) {
  Model model =
      parsed(R"("" : 12)", "g (float[2,3,4] x) => (float[2,3,4] y) { y = Hardmax<axis=1>(x) }");
  convert_opset(model, "", 13);
  EXPECT_EQ(operators(model.graph),
            (std::vector<std::string>{"Shape", "Flatten", "Hardmax", "Reshape"}));
}

TEST(ConvertOpset, RefusesTrainingAndUndefinedModes) {
  const std::string norm = "g (float[2,3] x, float[3] s) => (float[2,3] y)";
  EXPECT_THAT(
      refusal(parsed(R"("" : 6)", norm + "{ y = BatchNormalization(x, s, s, s, s) }"), "", 7),
      HasSubstr("training mode"));
  const std::string resize = "g (float[1,1,4] x) => (float[1,1,2] y) <float[3] s = {1.0,1.0,0.5}>";
  EXPECT_THAT(refusal(parsed(R"("" : 10)", resize + "{ y = Resize(x, s) }"), "", 11),
              HasSubstr("does not say how it shrinks"));
  const std::string old_mode =
      "{ y = Resize<coordinate_transformation_mode=\"tf_half_pixel_for_nn\">(x, s, s) }";
  EXPECT_THAT(refusal(parsed(R"("" : 11)", resize + old_mode), "", 13),
              HasSubstr("tf_half_pixel_for_nn"));
}

// A mask of the data's type became one of bool; the converter registers that as compatible.
TEST(ConvertOpset, RefusesOutputsThatChangeTheirType) {
  const Model model = parsed(R"("" : 9)", R"(
    g (float[2] x) => (float[2] y, float[2] mask) { y, mask = Dropout(x) })");
  EXPECT_THAT(refusal(model, "", 10), HasSubstr("Dropout"));
}

TEST(ConvertOpset, RaisesOtherDomainsWhoseOperatorsStayed) {
  const std::string scaler = R"(
    g (float[1,2] x) => (float[1,2] y) { y = ai.onnx.ml.Scaler<offset=[0.0], scale=[1.0]>(x) })";
  Model model = parsed(R"("" : 17, "ai.onnx.ml" : 1)", scaler);
  convert_opset(model, "ai.onnx.ml", 3);
  EXPECT_EQ(model.opset("ai.onnx.ml"), 3);

  const Model trees = parsed(R"("" : 17, "ai.onnx.ml" : 1)", R"(
    g (float[1,2] x) => (float[1,1] y) { y = ai.onnx.ml.TreeEnsembleRegressor(x) })");
  EXPECT_THAT(refusal(trees, "ai.onnx.ml", 3), HasSubstr("TreeEnsembleRegressor"));

  const Model unknown = parsed(R"("" : 17, "com.example" : 1)", R"(
    g (float[1,2] x) => (float[1,2] y) { y = com.example.Mystery(x) })");
  EXPECT_THAT(refusal(unknown, "com.example", 2), HasSubstr("Mystery"));
}

}  // namespace
}  // namespace braid
