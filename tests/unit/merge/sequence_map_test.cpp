// SequenceMap of several members: how many sequences go into one node, and come out of it. That
// they are the right ones is for the end-to-end tests, for no kernel here knows sequences.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "braid/merge.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

constexpr std::size_t kMembers = 3;

// Merges members with weights of their own: w, and c that all share.
Merged merge_all(const std::string& signature, const std::string& nodes) {
  std::vector<Member> members;
  for (std::size_t m = 0; m < kMembers; ++m) {
    const std::string name = "m" + std::to_string(m);
    const std::string weights =
        "<float[4] w = {1,2,3," + std::to_string(m) + "}, float[4] c = {4,3,2,1}>";
    members.push_back({name,
                       {},
                       parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]>\n" + signature +
                                        weights + nodes)});
  }
  return merge(std::move(members), {.merges_always = true});
}

std::vector<Node> sequence_maps(const Merged& merged) {
  std::vector<Node> found;
  std::ranges::copy_if(merged.model.graph.nodes, std::back_inserter(found),
                       [](const Node& node) { return node.is("SequenceMap"); });
  return found;
}

const Graph& body_of(const Node& node) {
  return *std::get<GraphPtr>(node.attributes.find("body")->value);
}

TEST(SequenceMap, YieldsASequencePerMember) {
  const Merged merged =
      merge_all("g (float[4] x) => (float[k,4] y)",
                "{ p = SequenceConstruct(c) n = Neg(w) "
                "r = SequenceMap(p, x) <body = b (float[4] e, float[4] t) => (float[4] o) "
                "{ a = Mul(e, t) o = Mul(a, n) }> y = ConcatFromSequence<axis=0, new_axis=1>(r) }");
  const std::vector<Node> nodes = sequence_maps(merged);
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].inputs.size(), 2U);
  EXPECT_EQ(nodes[0].outputs.size(), kMembers);
  EXPECT_EQ(body_of(nodes[0]).inputs.size(), 2U);
  EXPECT_EQ(body_of(nodes[0]).outputs.size(), kMembers);
}

TEST(SequenceMap, TakesASequencePerMember) {
  const Merged merged =
      merge_all("g (float[N,4] x) => (float[k,4] y)",
                "{ s = SplitToSequence<keepdims=0>(x) "
                "r = SequenceMap(s) <body = b (float[4] e) => (float[4] o) { o = Mul(e, w) }> "
                "y = ConcatFromSequence<axis=0, new_axis=1>(r) }");
  const std::vector<Node> nodes = sequence_maps(merged);
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].inputs.size(), kMembers);
  EXPECT_EQ(nodes[0].outputs.size(), kMembers);
}

TEST(SequenceMap, YieldsOneSequenceOfWhatAllShare) {
  const Merged merged = merge_all(
      "g (float[4] x) => (float[k,4] y, float[l,4] z)",
      "{ p = SequenceConstruct(c) "
      "r, s = SequenceMap(p, x) <body = b (float[4] e, float[4] t) => (float[4] o, float[4] u) "
      "{ o = Mul(e, t) u = Neg(e) }> "
      "y = ConcatFromSequence<axis=0, new_axis=1>(r) "
      "z = ConcatFromSequence<axis=0, new_axis=1>(s) }");
  const std::vector<Node> nodes = sequence_maps(merged);
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].outputs.size(), kMembers + 1);
}

TEST(SequenceMap, RunsPerMemberWhereLengthsMayDiffer) {
  const Merged merged =
      merge_all("g (seq(float[4]) x) => (float[k,4] y)",
                "{ r = SequenceMap(x) <body = b (float[4] e) => (float[4] o) { o = Mul(e, w) }> "
                "y = ConcatFromSequence<axis=0, new_axis=1>(r) }");
  EXPECT_EQ(sequence_maps(merged).size(), kMembers);
}

}  // namespace
}  // namespace braid
