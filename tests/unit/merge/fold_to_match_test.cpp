#include "merge/fold_to_match.hpp"

#include <gtest/gtest.h>

#include "braid/onnx.hpp"

namespace braid {
namespace {

Model model_of(const std::string& nodes) {
  return parse_model_text(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[1,1,2,2] x) => (float[1,1,2,2] y)
    <float[1,1,1,1] w = {2.0}, float[1] b = {1.0}, float[1] v = {4.0}> )" +
                          nodes);
}

const std::string kPlain = "{ c = Conv(x, w, b) y = Relu(c) }";
const std::string kNorm = "{ c = Conv(x, w) n = BatchNormalization(c, b, b, b, v) y = Relu(n) }";
const std::string kOther = "{ c = Conv(x, w, b) y = Tanh(c) }";

TEST(FoldToMatch, FoldsWhereAnotherModelHasNone) {
  Model with = model_of(kNorm);
  Model without = model_of(kPlain);
  fold_to_match({&with, &without});
  EXPECT_EQ(with.graph.nodes.size(), 2U);
  EXPECT_EQ(without.graph.nodes.size(), 2U);
}

TEST(FoldToMatch, KeepsItWhereAllHaveIt) {
  Model first = model_of(kNorm);
  Model second = model_of(kNorm);
  fold_to_match({&first, &second});
  EXPECT_EQ(first.graph.nodes.size(), 3U);
  EXPECT_EQ(second.graph.nodes.size(), 3U);
}

TEST(FoldToMatch, KeepsItWhereNobodyBecomesEqual) {
  Model with = model_of(kNorm);
  Model other = model_of(kOther);
  fold_to_match({&with, &other});
  EXPECT_EQ(with.graph.nodes.size(), 3U);
}

}  // namespace
}  // namespace braid
