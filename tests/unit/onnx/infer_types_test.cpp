#include <gtest/gtest.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

Model inferred(const std::string& text) {
  Model model = parse_model_text(text);
  infer_types(model);
  return model;
}

std::vector<std::int64_t> dims_of(const Model& model, std::string_view name) {
  std::vector<std::int64_t> dims;
  for (const Value& value : model.graph.values) {
    if (value.name != name || !value.type.shape) continue;
    for (const Dim& dim : *value.type.shape)
      dims.push_back(dim.size);
  }
  return dims;
}

std::string failure_of(const std::string& text) {
  try {
    inferred(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    return error.what();
  }
  return "no error";
}

using Dims = std::vector<std::int64_t>;

TEST(InferTypes, WhatIsInferredReplacesWhatIsDeclaredWrongly) {
  const Model model = inferred(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2,3,4] x) => (float[5] z) <float[2] y> {
      y = Transpose<perm = [2, 0, 1]>(x)
      z = Relu(y) })");
  EXPECT_EQ(dims_of(model, "y"), (Dims{4, 2, 3}));
  EXPECT_EQ(dims_of(model, "z"), (Dims{4, 2, 3}));
}

TEST(InferTypes, DeclaredWrongWithinABranch) {
  const Model model = inferred(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (bool c, float[2,3] x) => (float[2,3] y) {
      y = If (c) <
        then_branch = t () => (float[7] a) { a = Relu(x) },
        else_branch = e () => (float[7] a) { a = Neg(x) }
      > })");
  EXPECT_EQ(dims_of(model, "y"), (Dims{2, 3}));
}

TEST(InferTypes, DeclaredKnowledgeStaysWhereInferenceHasNone) {
  const Model model = inferred(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2,6] x, int64[3] dims) => (float[2,3,2] z) <float[2,3,2] y> {
      y = Reshape(x, dims)
      z = Relu(y) })");
  EXPECT_EQ(dims_of(model, "z"), (Dims{2, 3, 2}));
}

TEST(InferTypes, NamesTheNodeThatCannotTakeItsInputs) {
  EXPECT_EQ(failure_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x, float[3] w) => (float[k] y) { y = Add(x, w) })"),
            "node 'y' (Add): Incompatible dimensions");
}

TEST(InferTypes, AnUnknownOperatorSilencesNoError) {
  EXPECT_EQ(failure_of(R"(<ir_version: 8, opset_import: ["" : 17, "acme" : 1]>
    g (float[2] x, float[3] w) => (float[k] y, float[k] z) {
      z = acme.Thing(x)
      y = Add(x, w) })"),
            "node 'y' (Add): Incompatible dimensions");
}

TEST(InferTypes, WhatReadsUnknownTypesIsNotJudged) {
  const Model model = inferred(R"(<ir_version: 8, opset_import: ["" : 17, "acme" : 1]>
    g (float[2] x) => (float[k] y) {
      a = acme.Thing(x)
      b = EyeLike<dtype = 1>(a)
      y = Add(a, b) })");
  EXPECT_EQ(dims_of(model, "y"), Dims{-1});
}

TEST(InferTypes, StftIsOneSidedByDefault) {
  const Model model = inferred(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1,8,1] x) => (float[a,b,c,d] y) <int64 step = {2}, int64 size = {4}> {
      y = STFT(x, step, , size) })");
  EXPECT_EQ(dims_of(model, "y"), (Dims{1, 3, 3, 2}));
}

TEST(InferTypes, RefusesSizesThatNothingHas) {
  EXPECT_EQ(failure_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[9223372036854775807] x) => (float[n] y) { y = Relu(x) })"),
            "a shape has a dim of 9223372036854775807, which no tensor can have; export the model "
            "again");
}

// Inference would make as many dims.
TEST(InferTypes, RefusesShapesOfEndlessRank) {
  EXPECT_EQ(failure_of(R"(<ir_version: 8, opset_import: ["" : 17]>
              g (float[4] x, int64[1099511627776] s) => (float y) { y = Reshape(x, s) })"),
            "node 'y' (Reshape): input 1 has more than 4096 dims of a shape");
}

// Nor does it follow them.
TEST(InferTypes, LongVectorsAreNoShapes) {
  const Model model = inferred(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (int64[1099511627776] s) => (int64[?] y) <int64[1] zero = {0}, int64[1] two = {2}> {
      y = Slice(s, zero, two)
    })");
  EXPECT_EQ(dims_of(model, "y"), Dims{2});
}

}  // namespace
}  // namespace braid
