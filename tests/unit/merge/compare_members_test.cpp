#include <gtest/gtest.h>

#include <algorithm>

#include "braid/error.hpp"
#include "braid/merge.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

Member member(const std::string& name, const std::string& text, int opset = 17) {
  return {name,
          {},
          parse_model_text("<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) +
                           "]>\n" + text)};
}

// A trunk of three nodes, and a head of one.
std::string with_head(const std::string& head, const std::string& weight) {
  return "g (float[2] x) => (float[2] y) <float[2] w = " + weight +
         "> { a = Mul(x,w) b = Tanh(a) c = Sigmoid(b) y = " + head + "(c) }";
}

TEST(CompareMembers, TellsTheCommonTrunkOfAFamily) {
  const MemberComparison comparison = compare_members(
      {member("a", with_head("Relu", "{1,2}")), member("b", with_head("Relu", "{3,4}")),
       member("c", with_head("Neg", "{1,2}")),
       member("d", "g (float[2] x) => (float[2] y) { a = Cos(x) b = Sin(a) y = Abs(b) }")});
  ASSERT_EQ(comparison.groups.size(), 3U);
  ASSERT_EQ(comparison.families.size(), 2U);
  const Kinship& family = comparison.families[0];
  EXPECT_EQ(family.groups, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(family.members, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(family.nodes, (std::vector<std::int64_t>{4, 4}));
  EXPECT_EQ(family.common_nodes, 3);
  EXPECT_EQ(family.sharing.total_bytes, 24U);
  EXPECT_EQ(family.sharing.unique_bytes, 16U);
  EXPECT_EQ(comparison.families[1].members, (std::vector<std::size_t>{3}));
  EXPECT_EQ(comparison.families[1].common_nodes, 3);
}

TEST(CompareMembers, FindsTheFamiliesThatMergeFinds) {
  const std::vector<Member> members = {member("a", with_head("Relu", "{1,2}")),
                                       member("b", with_head("Neg", "{3,4}"))};
  const MemberComparison comparison = compare_members(members);
  const Merged merged = merge(members, {.merges_always = true});
  ASSERT_EQ(comparison.families.size(), merged.report.groups.size());
  const GroupReport& group = merged.report.groups[0];
  EXPECT_EQ(comparison.families[0].members, group.group.members);
  const auto common = std::ranges::count_if(
      group.sites, [&](const SiteReport& site) { return site.members.size() == members.size(); });
  EXPECT_EQ(comparison.families[0].common_nodes, common);
}

TEST(CompareMembers, BringsOpsetsToOne) {
  const std::string old = "g (float[2,1] x) => (float[2] y) { y = Squeeze<axes=[1]>(x) }";
  const std::string text =
      "g (float[2,1] x) => (float[2] y) <int64[1] one = {1}> { y = Squeeze(x,one) }";
  const MemberComparison comparison = compare_members({member("a", old, 11), member("b", text)});
  ASSERT_EQ(comparison.groups.size(), 1U);
  EXPECT_EQ(comparison.groups[0].members, (std::vector<std::size_t>{0, 1}));
}

TEST(CompareMembers, RefusesTwoOfOneName) {
  const Member one = member("a", with_head("Relu", "{1,2}"));
  EXPECT_THROW(compare_members({one, one}), Error);
}

}  // namespace
}  // namespace braid
