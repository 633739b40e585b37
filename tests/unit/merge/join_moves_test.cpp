#include "merge/join_moves.hpp"

#include <gtest/gtest.h>

#include "braid/onnx.hpp"

namespace braid {
namespace {

Graph joined(const std::string& body) {
  Model model = parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]>\n" + body);
  join_moves(model.graph);
  return std::move(model.graph);
}

TEST(JoinMoves, TransposesThatCancelAreGone) {
  const Graph graph = joined(
      "g (float[2,3,4] x) => (float[2,3,4] y) { a = Transpose<perm=[1,0,2]>(x) "
      "b = Transpose<perm=[1,0,2]>(a) y = Relu(b) }");
  ASSERT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(graph.nodes[0].inputs[0], graph.inputs[0]);
}

TEST(JoinMoves, OthersBecomeOne) {
  const Graph graph = joined(
      "g (float[2,3,4] x) => (float[4,2,3] y) { a = Transpose<perm=[1,2,0]>(x) "
      "b = Transpose<perm=[1,0,2]>(a) y = Relu(b) }");
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].attributes.get_ints("perm"), (std::vector<std::int64_t>{2, 1, 0}));
}

TEST(JoinMoves, AValueThatOthersReadStays) {
  const Graph graph = joined(
      "g (float[2,3] x) => (float[3,2] z, float[2,3] y) { a = Transpose<perm=[1,0]>(x) z = Relu(a) "
      "b = Transpose<perm=[1,0]>(a) y = Neg(b) }");
  EXPECT_EQ(graph.nodes.size(), 3U);
}

TEST(JoinMoves, TheLastReshapeCounts) {
  const Graph graph = joined(
      "g (float[2,6] x) => (float[3,4] y) <int64[1] s = {12}, int64[2] t = {3,-1}> "
      "{ a = Reshape(x,s) y = Reshape(a,t) }");
  ASSERT_EQ(graph.nodes.size(), 1U);
}

// 0 copies a dim of what it reads.
TEST(JoinMoves, AReshapeThatCopiesADimStays) {
  const Graph graph = joined(
      "g (float[2,6] x) => (float[4,3] y) <int64[2] s = {4,3}, int64[2] t = {0,3}> "
      "{ a = Reshape(x,s) y = Reshape(a,t) }");
  EXPECT_EQ(graph.nodes.size(), 2U);
}

}  // namespace
}  // namespace braid
