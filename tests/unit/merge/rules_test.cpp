// Every rule on small architectures: merged, executed, and compared with the members in our
// executor, for several numbers of members, batch sizes and ways to share weights.

#include <gtest/gtest.h>

#include <algorithm>

#include "braid/onnx.hpp"
#include "braid/verify.hpp"
#include "merge/architecture.hpp"

namespace braid {
namespace {

using testing_support::Architecture;
using testing_support::kPatterns;
using testing_support::make_members;
using testing_support::Pattern;
using testing_support::read_architectures;

VerifyReport check(const Model& merged, const std::vector<Member>& members, std::int64_t batch) {
  VerifyOptions options;
  options.seed = 5;
  options.dims = {{"N", batch}, {"S", 3}};
  options.absolute_tolerance = 2e-5;
  options.relative_tolerance = 1e-4;
  return verify(merged, members, options);
}

void expect_passed(const VerifyReport& report, const std::string& what, const Model& merged) {
  if (report.passed) return;
  std::string text = what + "\n";
  for (const OutputCheck& output : report.outputs) {
    text += output.member + "/" + output.output + ": error " +
            std::to_string(output.max_absolute_error) + "\n";
  }
  FAIL() << text << print_model_text(merged);
}

class RuleTest : public testing::TestWithParam<Architecture> {};

TEST_P(RuleTest, MergedEqualsMembers) {
  const Architecture& architecture = GetParam();
  for (const int count : {2, 3, 4}) {
    for (const Pattern pattern : kPatterns) {
      const std::vector<Member> members = make_members(architecture, count, pattern, 17);
      const Merged merged = merge(members, {.merges_always = true});
      ASSERT_EQ(merged.report.groups.size(), 1U);
      for (const std::int64_t batch : {1, 2, 3}) {
        const std::string what = architecture.title + ", " + std::to_string(count) +
                                 " members, pattern " + std::to_string(static_cast<int>(pattern)) +
                                 ", batch " + std::to_string(batch);
        SCOPED_TRACE(what);
        expect_passed(check(merged.model, members, batch), what, merged.model);
      }
      if (architecture.runs_per_member) continue;
      for (const SiteReport& site : merged.report.groups[0].sites) {
        EXPECT_NE(site.rule, "per member") << architecture.title << ": " << site.op_type;
      }
    }
  }
}

std::string test_name(const testing::TestParamInfo<Architecture>& info) {
  std::string name;
  for (const char letter : info.param.title) {
    name += std::isalnum(static_cast<unsigned char>(letter)) != 0 ? letter : '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, RuleTest, testing::ValuesIn(read_architectures()), test_name);

TEST(Rules, DecliningKeepsTheOutputs) {
  for (const Architecture& architecture : read_architectures()) {
    const std::vector<Member> members = make_members(architecture, 3, Pattern::FirstShared, 23);
    const Merged merged = merge(members);
    expect_passed(check(merged.model, members, 2), architecture.title, merged.model);
  }
}

TEST(Rules, OperatorsThatBroadcastByAttributesRunPerMember) {
  std::vector<Member> members;
  for (const char* weights : {"{1,2}", "{3,4}"}) {
    members.push_back({weights,
                       {},
                       parse_model_text(std::string("<ir_version: 3, opset_import: [\"\" : 6]>\n"
                                                    "g (float[2,3] x) => (float[2,3] y) "
                                                    "<float[2] w = ") +
                                        weights + "> { y = Add<broadcast=1, axis=0>(x, w) }")});
  }
  const Merged merged = merge(members, {.merges_always = true});
  EXPECT_EQ(merged.report.groups[0].sites[0].rule, "per member");
}

TEST(Rules, TypesThatOnnxCannotJoinRunPerMember) {
  Architecture architecture;
  architecture.text =
      "<ir_version: 10, opset_import: [\"\" : 21]>\n"
      "g (float[N,4] x, float8e4m3fn[4] w0) => (float[N,4] y) { v = Cast<to=1>(w0) y = Add(x,v) }";
  const Merged merged =
      merge(make_members(architecture, 4, Pattern::Interleaved, 3), {.merges_always = true});
  EXPECT_EQ(merged.report.groups[0].sites[0].rule, "per member");
  EXPECT_NE(merged.report.groups[0].sites[1].rule, "per member");
  int casts = 0;
  for (const Node& node : merged.model.graph.nodes)
    casts += node.is("Cast") ? 1 : 0;
  EXPECT_EQ(casts, 4);
}

TEST(Rules, SwappedWeightsAreNoticed) {
  for (const Architecture& architecture : read_architectures()) {
    if (architecture.title != "attention" && architecture.title != "residual block") continue;
    std::vector<Member> members = make_members(architecture, 3, Pattern::Different, 17);
    const Merged merged = merge(members);
    std::swap(members[0].model, members[1].model);
    const VerifyReport report = check(merged.model, members, 2);
    EXPECT_FALSE(report.passed) << architecture.title;
    EXPECT_TRUE(report.is_conclusive);
  }
}

TEST(Rules, NoWeightIsStoredTwice) {
  for (const Architecture& architecture : read_architectures()) {
    const std::vector<Member> members = make_members(architecture, 4, Pattern::Interleaved, 3);
    const Merged merged = merge(members, {.merges_always = true});
    std::vector<Tensor> seen;
    for (const Value& value : merged.model.graph.values) {
      if (!value.is_constant() || !is_float(value.constant.dtype())) continue;
      for (const Tensor& other : seen) {
        EXPECT_FALSE(same_content(value.constant, other)) << architecture.title << value.name;
      }
      seen.push_back(value.constant);
    }
  }
}

}  // namespace
}  // namespace braid
