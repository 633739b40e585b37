// Members whose architectures agree in part: the common trunk runs merged, what differs stays.

#include <gtest/gtest.h>

#include <algorithm>

#include "braid/onnx.hpp"
#include "braid/verify.hpp"
#include "merge/architecture.hpp"

namespace braid {
namespace {

using testing_support::Architecture;
using testing_support::make_members;
using testing_support::Pattern;

const std::string kHead = "<ir_version: 8, opset_import: [\"\" : 17]>\n";

Member make_member(const std::string& name, const std::string& text, unsigned seed,
                   const std::string& constants = {}) {
  Member member =
      make_members({name, kHead + text, constants, false}, 1, Pattern::Different, seed)[0];
  member.name = name;
  return member;
}

void expect_equal(const Merged& merged, const std::vector<Member>& members) {
  for (const std::int64_t batch : {1, 2, 3}) {
    VerifyOptions options;
    options.seed = 3;
    options.dims = {{"N", batch}};
    const VerifyReport report = verify(merged.model, members, options);
    EXPECT_TRUE(report.passed) << print_model_text(merged.model);
    EXPECT_TRUE(report.is_conclusive);
  }
}

int count_sites(const GroupReport& group, const std::string& op, std::size_t members) {
  return static_cast<int>(
      std::count_if(group.sites.begin(), group.sites.end(), [&](const SiteReport& site) {
        return site.op_type == op && site.members.size() == members && site.rule != "per member";
      }));
}

std::string classifier(int classes) {
  const std::string n = std::to_string(classes);
  return "g (float[N,3,8,8] x, float[4,3,3,3] w0, float[4] w1, float[6,4,3,3] w2, float[6] w3, "
         "float[6," +
         n + "] w4, float[" + n + "] w5) => (float[N," + n +
         "] y) { a = Conv(x,w0,w1) b = Relu(a) c = Conv(b,w2,w3) d = Relu(c) "
         "e = GlobalAveragePool(d) f = Flatten(e) y = Gemm(f,w4,w5) }";
}

TEST(Family, HeadsOfDifferentSizes) {
  std::vector<Member> members;
  for (const int classes : {2, 5, 2, 7})
    members.push_back(make_member("m" + std::to_string(members.size()), classifier(classes),
                                  10 + static_cast<unsigned>(members.size())));
  const Merged merged = merge(members, {.merges_always = true});
  ASSERT_EQ(merged.report.groups.size(), 1U);
  const GroupReport& group = merged.report.groups[0];
  EXPECT_EQ(group.architectures.size(), 3U);
  EXPECT_EQ(count_sites(group, "Conv", 4), 2);
  EXPECT_EQ(count_sites(group, "Gemm", 2), 1);
  EXPECT_EQ(count_sites(group, "Gemm", 1), 2);
  expect_equal(merged, members);
}

TEST(Family, StemsOfDifferentSizes) {
  const auto text = [](int channels) {
    const std::string c = std::to_string(channels);
    return "g (float[N," + c + ",8,8] x, float[4," + c +
           ",3,3] w0, float[6,4,3,3] w2, float[6] w3) => (float[N,6,4,4] y) { a = Conv(x,w0) "
           "b = Relu(a) c = Conv(b,w2,w3) d = Relu(c) e = Tanh(d) y = Sigmoid(e) }";
  };
  const std::vector<Member> members = {make_member("rgb", text(3), 1),
                                       make_member("grey", text(1), 2),
                                       make_member("rgb2", text(3), 3)};
  const Merged merged = merge(members, {.merges_always = true});
  ASSERT_EQ(merged.report.groups.size(), 1U);
  EXPECT_EQ(count_sites(merged.report.groups[0], "Conv", 3), 1);
  EXPECT_EQ(count_sites(merged.report.groups[0], "Sigmoid", 3), 1);
  expect_equal(merged, members);
}

std::string layers(int count) {
  std::string weights;
  std::string nodes;
  std::string last = "x";
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    weights += ", float[4,4] w" + n;
    nodes += "a" + n + " = MatMul(" + last + ",w" + n + ") b" + n + " = Tanh(a" + n + ") c" + n +
             " = Add(b" + n + "," + last + ") ";
    last = "c" + n;
  }
  return "g (float[N,4] x" + weights + ") => (float[N,4] y) { " + nodes + "y = Sigmoid(" + last +
         ") }";
}

TEST(Family, OneMemberHasAnotherLayer) {
  const std::vector<Member> members = {make_member("a", layers(3), 1),
                                       make_member("b", layers(4), 2),
                                       make_member("c", layers(3), 3)};
  const Merged merged = merge(members, {.merges_always = true});
  ASSERT_EQ(merged.report.groups.size(), 1U);
  EXPECT_EQ(count_sites(merged.report.groups[0], "MatMul", 3), 3);
  EXPECT_EQ(count_sites(merged.report.groups[0], "MatMul", 1), 1);
  expect_equal(merged, members);
}

// Weights decide which layers belong together where shapes do not.
TEST(Family, LayersWithTheSameWeightsMeet) {
  const std::string short_text =
      "g (float[N,4] x, float[4,4] w1, float[4,4] w2) => (float[N,4] y) "
      "{ a = MatMul(x,w1) b = Tanh(a) c = MatMul(b,w2) y = Tanh(c) }";
  const std::string long_text =
      "g (float[N,4] x, float[4,4] w0, float[4,4] w1, float[4,4] w2) => (float[N,4] y) "
      "{ o = MatMul(x,w0) p = Tanh(o) a = MatMul(p,w1) b = Tanh(a) c = MatMul(b,w2) y = Tanh(c) }";
  Member first = make_member("short", short_text, 1);
  Member second = make_member("long", long_text, 2);
  const auto constant = [](Member& member, const std::string& name) -> Tensor& {
    for (Value& value : member.model.graph.values) {
      if (value.name.starts_with(name + "_of")) return value.constant;
    }
    throw std::runtime_error(name);
  };
  constant(second, "w1") = constant(first, "w1");
  constant(second, "w2") = constant(first, "w2");
  const std::vector<Member> members = {first, second};
  const Merged merged = merge(members, {.merges_always = true});
  const GroupReport& group = merged.report.groups[0];
  EXPECT_EQ(group.group.sharing.shared_positions, 2);
  EXPECT_EQ(std::count_if(group.sites.begin(), group.sites.end(),
                          [](const SiteReport& site) { return site.rule == "stitched"; }),
            2);
  expect_equal(merged, members);
}

TEST(Family, StrangersStandSideBySide) {
  const std::vector<Member> members = {make_member("a", classifier(3), 1),
                                       make_member("b", layers(3), 2),
                                       make_member("c", classifier(3), 3)};
  const Merged merged = merge(members);
  EXPECT_EQ(merged.report.groups.size(), 2U);
  expect_equal(merged, members);
}

// The trunk reads x twice in one member and its stem's output in the other.
TEST(Family, ResidualAroundWhatDiffers) {
  const std::string tail =
      "a = MatMul(s,w1) b = Tanh(a) c = Add(b,s) d = MatMul(c,w2) y = Tanh(d) }";
  const std::vector<Member> members = {
      make_member("plain",
                  "g (float[N,4] s, float[4,4] w1, float[4,4] w2) => (float[N,4] y) { " + tail, 1),
      make_member("stem",
                  "g (float[N,4] x, float[4,4] w1, float[4,4] w2) => (float[N,4] y) "
                  "{ s = Elu(x) " +
                      tail,
                  2)};
  const Merged merged = merge(members, {.merges_always = true});
  EXPECT_EQ(count_sites(merged.report.groups[0], "MatMul", 2), 2);
  expect_equal(merged, members);
}

TEST(Family, SwappedWeightsAreNoticed) {
  std::vector<Member> members = {make_member("a", classifier(2), 1),
                                 make_member("b", classifier(5), 2)};
  const Merged merged = merge(members, {.merges_always = true});
  members[0] = make_member("a", classifier(2), 7);
  VerifyOptions options;
  options.dims = {{"N", 2}};
  EXPECT_FALSE(verify(merged.model, members, options).passed);
}

TEST(Family, NodesTellWhereTheyCameFrom) {
  std::vector<Member> members = {make_member("a", classifier(2), 1),
                                 make_member("b", classifier(5), 2)};
  for (Node& node : members[1].model.graph.nodes)
    node.name = "other_" + node.op_type;
  const Merged merged = merge(members, {.merges_always = true});
  int found = 0;
  const std::string from = "braid.from: {\"\":[\"a\"],\"other_Conv\":[\"b\"]}";
  for (const Node& node : merged.model.graph.nodes)
    found += node.doc.find(from) != std::string::npos ? 1 : 0;
  EXPECT_GE(found, 2);
}

}  // namespace
}  // namespace braid
