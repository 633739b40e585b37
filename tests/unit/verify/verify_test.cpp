#include "braid/verify.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

Model parse(const std::string& graph) {
  return parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph);
}

// y = x * w
Member scale(const std::string& name, const std::string& w) {
  return {name,
          {},
          parse("(float[n, 2] x) => (float[n, 2] y) <float[2] w = {" + w + "}> { y = Mul(x, w) }")};
}

Model merged_scales(const std::string& a, const std::string& b) {
  return parse(
      "(float[n, 2] \"a/x\", float[n, 2] \"b/x\") => (float[n, 2] \"a/y\", float[n, 2] \"b/y\") "
      "<float[2] wa = {" +
      a + "}, float[2] wb = {" + b +
      "}> "
      "{ \"a/y\" = Mul(\"a/x\", wa)  \"b/y\" = Mul(\"b/x\", wb) }");
}

TEST(VerifyTest, PassesAFaithfulMerge) {
  const std::vector<Member> members = {scale("a", "1, 2"), scale("b", "3, 4")};
  const VerifyReport report = verify(merged_scales("1, 2", "3, 4"), members);
  EXPECT_TRUE(report.passed);
  EXPECT_TRUE(report.is_conclusive);
  ASSERT_EQ(report.outputs.size(), 2U);
  EXPECT_EQ(report.outputs[0].member, "a");
  EXPECT_EQ(report.outputs[0].output, "y");
  EXPECT_EQ(report.outputs[0].max_absolute_error, 0);
  EXPECT_EQ(report.outputs[1].member, "b");
  ASSERT_EQ(report.controls.size(), 2U);
  EXPECT_EQ(report.controls[0].other, "b");
  EXPECT_EQ(report.controls[1].other, "a");
  EXPECT_TRUE(report.controls[0].differs);
  EXPECT_FALSE(report.controls[0].is_twin);
}

TEST(VerifyTest, CatchesSwappedWeights) {
  const std::vector<Member> members = {scale("a", "1, 2"), scale("b", "3, 4")};
  const VerifyReport report = verify(merged_scales("3, 4", "1, 2"), members);
  EXPECT_FALSE(report.passed);
  EXPECT_FALSE(report.outputs[0].passed);
  EXPECT_FALSE(report.outputs[1].passed);
}

TEST(VerifyTest, CatchesSwappedInputs) {
  const std::vector<Member> members = {scale("a", "1, 2"), scale("b", "1, 2")};
  Model merged = merged_scales("1, 2", "1, 2");
  std::swap(merged.graph.nodes[0].inputs[0], merged.graph.nodes[1].inputs[0]);
  EXPECT_FALSE(verify(merged, members).passed);
}

// As whole, some and one at a time: the same figures, and the same failure.
TEST(VerifyTest, LargeModelsRunByMembers) {
  const std::vector<Member> members = {scale("a", "1, 2"), scale("b", "3, 4"), scale("c", "5, 6")};
  const std::vector<Member> swapped = {scale("a", "1, 2"), scale("b", "5, 6"), scale("c", "3, 4")};
  const Model merged = merge(members).model;
  for (const std::size_t bytes : {1000, 16, 1}) {
    VerifyOptions options;
    options.weight_bytes_at_once = bytes;
    const VerifyReport report = verify(merged, members, options);
    EXPECT_TRUE(report.passed);
    EXPECT_TRUE(report.is_conclusive);
    ASSERT_EQ(report.outputs.size(), 3U);
    EXPECT_EQ(report.outputs[2].member, "c");
    EXPECT_EQ(report.outputs[2].max_absolute_error, 0);
    const VerifyReport wrong = verify(merged, swapped, options);
    EXPECT_TRUE(wrong.outputs[0].passed);
    EXPECT_FALSE(wrong.outputs[1].passed);
    EXPECT_FALSE(wrong.outputs[2].passed);
    EXPECT_THROW(verify(merged, std::span(members).first(2), options), Error);
  }
}

TEST(VerifyTest, IsInconclusiveWhereWeightsHaveNoEffect) {
  const auto dead = [](const std::string& name, const std::string& w) {
    return Member{name,
                  {},
                  parse("(float[n, 2] x) => (float[n, 2] y) <float[2] w = {" + w +
                        "}, float zero = {0}> { a = Mul(x, w) y = Mul(a, zero) }")};
  };
  const std::vector<Member> members = {dead("a", "1, 2"), dead("b", "3, 4")};
  const VerifyReport report = verify(merged_scales("0, 0", "0, 0"), members);
  EXPECT_TRUE(report.passed);
  EXPECT_FALSE(report.is_conclusive);
  EXPECT_FALSE(report.controls[0].differs);
  EXPECT_FALSE(report.controls[0].is_twin);
}

TEST(VerifyTest, IsConclusiveForTwins) {
  const std::vector<Member> members = {scale("a", "1, 2"), scale("b", "1, 2")};
  const VerifyReport report = verify(merged_scales("1, 2", "1, 2"), members);
  EXPECT_TRUE(report.passed);
  EXPECT_TRUE(report.is_conclusive);
  EXPECT_TRUE(report.controls[0].is_twin);
  EXPECT_FALSE(report.controls[0].differs);
}

TEST(VerifyTest, HasNoControlForALoneSignature) {
  const std::vector<Member> members = {
      scale("a", "1, 2"), {"b", {}, parse("(float[n, 3] x) => (float[n, 3] y) { y = Relu(x) }")}};
  const Model merged = parse(
      "(float[n, 2] \"a/x\", float[n, 3] \"b/x\") => (float[n, 2] \"a/y\", float[n, 3] \"b/y\") "
      "<float[2] w = {1, 2}> { \"a/y\" = Mul(\"a/x\", w)  \"b/y\" = Relu(\"b/x\") }");
  const VerifyReport report = verify(merged, members);
  EXPECT_TRUE(report.passed);
  EXPECT_TRUE(report.is_conclusive);
  EXPECT_TRUE(report.controls.empty());
}

TEST(VerifyTest, ControlsOfOtherTablesMayRefuseTheInputs) {
  const auto table = [](const std::string& name, const std::string& rows, const std::string& t) {
    return Member{name,
                  {},
                  parse("(int64[50] i) => (float[50] y) <float[" + rows + "] t = {" + t +
                        "}> { y = Gather(t, i) }")};
  };
  const std::vector<Member> members = {table("a", "4", "1, 2, 3, 4"), table("b", "1", "1")};
  const Model merged = parse(
      "(int64[50] \"a/i\", int64[50] \"b/i\") => (float[50] \"a/y\", float[50] \"b/y\") "
      "<float[4] t = {1, 2, 3, 4}, float[1] u = {1}> "
      "{ \"a/y\" = Gather(t, \"a/i\")  \"b/y\" = Gather(u, \"b/i\") }");
  const VerifyReport report = verify(merged, members);
  EXPECT_TRUE(report.passed);
  EXPECT_TRUE(report.controls[0].differs);
}

TEST(VerifyTest, ListsMissingPorts) {
  const std::vector<Member> members = {scale("a", "1, 2"), scale("c", "3, 4")};
  try {
    verify(merged_scales("1, 2", "3, 4"), members);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    const std::string message = error.what();
    EXPECT_NE(message.find("input 'x' of member 'c': there is no input 'c/x'"), std::string::npos);
    EXPECT_NE(message.find("output 'y' of member 'c': there is no output 'c/y'"),
              std::string::npos);
    EXPECT_NE(message.find("input 'b/x' belongs to none of these members"), std::string::npos);
  }
}

TEST(VerifyTest, NamesTheMemberThatFails) {
  std::vector<Member> members = {scale("a", "1, 2"), scale("b", "3, 4")};
  members[1].path = "models/b.onnx";
  members[1].model.graph.nodes[0].op_type = "Unheard";
  try {
    verify(merged_scales("1, 2", "3, 4"), members);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
    EXPECT_TRUE(std::string(error.what()).starts_with("models/b.onnx: ")) << error.what();
  }
}

}  // namespace
}  // namespace braid
