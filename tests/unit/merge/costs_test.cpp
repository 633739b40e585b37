// What runs for all members at once, and what once per member, where both are possible.

#include <gtest/gtest.h>

#include "merge/architecture.hpp"

namespace braid {
namespace {

using testing_support::make_members;
using testing_support::Pattern;

std::string rule_of(const Merged& merged, const std::string& op) {
  for (const SiteReport& site : merged.report.groups[0].sites) {
    if (site.op_type == op) return site.rule;
  }
  return {};
}

// Weights of a recurrent layer whose gates the exporter brings into ONNX's order in the graph: they
// are no constants, but each member that runs by itself reads them again.
TEST(Costs, SharedWeightsThatAreComputedCountAsRead) {
  const std::string text =
      "<ir_version: 8, opset_import: [\"\" : 17]>\n"
      "g (float[64,1,256] x, float[512,256] w0, float[512,128] w1) => (float[64,1,1,128] y) {\n"
      " a, b, c, d = Split<axis = 0>(w0) e = Concat<axis = 0>(a, d, b, c) f = Unsqueeze(e, axes)\n"
      " h, i, j, k = Split<axis = 0>(w1) l = Concat<axis = 0>(h, k, i, j) m = Unsqueeze(l, axes)\n"
      " y = LSTM<hidden_size = 128>(x, f, m) }";
  const auto members = make_members({"lstm", text, "ints 1 axes 0", false}, 4, Pattern::Shared, 3);
  EXPECT_EQ(rule_of(merge(members, {.target = Target::Cpu}), "LSTM"), "stitched");
}

}  // namespace
}  // namespace braid
