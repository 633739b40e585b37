#include "merge/align.hpp"

#include <gtest/gtest.h>

#include "braid/merge.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

Model parse(const std::string& graph) {
  return parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]>\n" + graph);
}

std::optional<Alignment> align_texts(const std::string& first, const std::string& second,
                                     Difference& difference) {
  Model a = parse(first);
  Model b = parse(second);
  separate_constant_uses(a.graph);
  separate_constant_uses(b.graph);
  return align(a.graph, b.graph, difference);
}

TEST(Align, IgnoresNamesNodeOrderAndWeights) {
  Difference difference;
  EXPECT_TRUE(align_texts(
      "g (float[2] x) => (float[2] y) <float[2] w = {1,2}> { a = Relu(x) b = Neg(w) y = Add(a,b) }",
      "h (float[2] u) => (float[2] v) <float[2] k = {3,4}> { q = Neg(k) p = Relu(u) v = Add(p,q) }",
      difference));
}

TEST(Align, SharedAndRepeatedConstantsAreOneArchitecture) {
  Difference difference;
  EXPECT_TRUE(align_texts(
      "g (float[2] x) => (float[2] y) <float[2] w = {1,2}> { a = Add(x,w) y = Mul(a,w) }",
      "g (float[2] x) => (float[2] y) <float[2] w = {1,2}, float[2] v = {5,6}> "
      "{ a = Add(x,w) y = Mul(a,v) }",
      difference));
}

TEST(Align, UnreadInputsMeetByTypeInAnyOrder) {
  Difference difference;
  EXPECT_TRUE(align_texts("g (float[2] x, int64[3] p, float[n] q) => (float[2] y) { y = Relu(x) }",
                          "g (float[m] q, int64[3] p, float[2] x) => (float[2] y) { y = Relu(x) }",
                          difference))
      << difference.cause;
  EXPECT_FALSE(align_texts("g (float[2] x, int64[3] p) => (float[2] y) { y = Relu(x) }",
                           "g (float[2] x, int64[4] p) => (float[2] y) { y = Relu(x) }",
                           difference));
}

struct Mismatch {
  std::string first;
  std::string second;
  std::string cause;
};

TEST(Align, TellsTheFirstDifference) {
  const Mismatch cases[] = {
      {"g (float[2] x) => (float[2] y) { y = Relu(x) }",
       "g (float[2] x) => (float[2] y) { y = Neg(x) }", "the operators differ"},
      {"g (float[2] x) => (float[2] y) { y = Elu<alpha=2.0>(x) }",
       "g (float[2] x) => (float[2] y) { y = Elu<alpha=3.0>(x) }", "attribute 'alpha'"},
      {"g (float[2] x) => (float[2] y) { y = Add(x,x) }",
       "g (float[2] x, float[2] z) => (float[2] y) { y = Add(x,z) }", "wired differently"},
      {"g (float[2] x) => (float[2] y) <float[2] w = {1,2}> { y = Add(x,w) }",
       "g (float[2] x) => (float[2] y) <float[1] w = {1}> { y = Add(x,w) }",
       "float[2] against float[1]"},
      {"g (float[4] x) => (float[a,b] y) <int64[2] s = {2,2}> { y = Reshape(x,s) }",
       "g (float[4] x) => (float[a,b] y) <int64[2] s = {4,1}> { y = Reshape(x,s) }",
       "they set a shape"},
      {"g (float[2] x) => (float[2] y) { y = Relu(x) }",
       "g (float[3] x) => (float[3] y) { y = Relu(x) }", "float[2] against float[3]"},
      {"g (float[n,n] x) => (float[n,n] y) { y = Relu(x) }",
       "g (float[n,m] x) => (float[n,m] y) { y = Relu(x) }", "tied together differently"},
  };
  for (const Mismatch& mismatch : cases) {
    Difference difference;
    EXPECT_FALSE(align_texts(mismatch.first, mismatch.second, difference)) << mismatch.cause;
    EXPECT_NE(difference.cause.find(mismatch.cause), std::string::npos) << difference.cause;
    EXPECT_FALSE(difference.first.empty());
    EXPECT_FALSE(difference.second.empty());
  }
}

TEST(Align, StructuralConstantsAreFoundBehindShapeArithmetic) {
  const Model model = parse(
      "g (float[2,6] x) => (float[a,b,c] y) <int64[1] two = {2}, int64[2] rest = {3,1}, "
      "float[2,6] w = {1,2,3,4,5,6,7,8,9,10,11,12}> "
      "{ m = Mul(x,w) d = Mul(two,two) t = Concat<axis=0>(two,rest) y = Reshape(m,t) }");
  const std::vector<bool> is_structural = structural_constants(model.graph);
  for (std::size_t i = 0; i < model.graph.values.size(); ++i) {
    const Value& value = model.graph.values[i];
    if (!value.is_constant()) continue;
    EXPECT_EQ(is_structural[i], value.name != "w") << value.name;
  }
}

TEST(Groups, AreFoundAmongDifferentArchitectures) {
  std::vector<Member> members;
  const std::string relu = "g (float[2] x) => (float[2] y) { y = Relu(x) }";
  const std::string neg = "g (float[2] x) => (float[2] y) { y = Neg(x) }";
  int number = 0;
  for (const std::string& text : {relu, neg, relu, neg, relu}) {
    members.push_back({"m" + std::to_string(number++), {}, parse(text)});
  }
  const std::vector<Group> groups = compare_members(members).groups;
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].members, (std::vector<std::size_t>{0, 2, 4}));
  EXPECT_EQ(groups[1].members, (std::vector<std::size_t>{1, 3}));
  EXPECT_FALSE(groups[0].difference);
  ASSERT_TRUE(groups[1].difference);
  EXPECT_NE(groups[1].difference->first.find("Relu"), std::string::npos);
}

TEST(Groups, CountSharing) {
  std::vector<Member> members;
  for (const char* weights : {"{1,2}", "{1,2}", "{3,4}"}) {
    members.push_back({"m" + std::to_string(members.size()),
                       {},
                       parse(std::string("g (float[2] x) => (float[2] y) <float[2] w = ") +
                             weights + ", float[2] v = {7,8}> { a = Add(x,w) y = Mul(a,v) }")});
  }
  const std::vector<Group> groups = compare_members(members).groups;
  ASSERT_EQ(groups.size(), 1U);
  const Sharing& sharing = groups[0].sharing;
  EXPECT_EQ(sharing.positions, 2);
  EXPECT_EQ(sharing.shared_positions, 1);
  EXPECT_EQ(sharing.mixed_positions, 1);
  EXPECT_EQ(sharing.total_bytes, 48U);
  EXPECT_EQ(sharing.unique_bytes, 24U);
}

}  // namespace
}  // namespace braid
