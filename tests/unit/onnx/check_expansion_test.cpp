#include "onnx/check_expansion.hpp"

#include <gtest/gtest.h>

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "braid/limits.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

// Functions f0, f1, ..., of which each calls the one before it as often as that.
std::string calls(int functions, int times, const std::string& first = "Neg") {
  const std::string last = std::to_string(functions - 1);
  std::string text = R"(<ir_version: 9, opset_import: ["" : 17, "l" : 1]>
      g (float[2] x) => (float[2] y) { y = l.f)" +
                     last + " (x) }\n";
  for (int f = 0; f < functions; ++f) {
    text += R"(<domain: "l", opset_import: ["" : 17, "l" : 1]> f)" + std::to_string(f) +
            " (v0) => (v" + std::to_string(times) + ") {\n";
    for (int i = 0; i < times; ++i) {
      text += "v" + std::to_string(i + 1) + " = " +
              (f == 0 ? first : "l.f" + std::to_string(f - 1)) + " (v" + std::to_string(i) + ")\n";
    }
    text += "}\n";
  }
  return text;
}

std::string refusal(const std::string& text) {
  Model model = parse_model_text(text);
  try {
    canonicalise(model);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    return error.what();
  }
  return "";
}

TEST(CheckExpansion, FunctionsThatFitAreExpanded) {
  EXPECT_EQ(refusal(calls(3, 2)), "");
  EXPECT_EQ(refusal(calls(60, 1)), "");
}

TEST(CheckExpansion, TooManyNodesAreRefusedBeforeTheyExist) {
  EXPECT_NE(refusal(calls(10, 10)).find("has 10000000000 nodes"), std::string::npos);
  EXPECT_NE(refusal(calls(64, 64)).find("nodes"), std::string::npos);  // more than 64 bits count
}

TEST(CheckExpansion, CirclesAndDeepCallsAreRefused) {
  EXPECT_NE(refusal(calls(3, 1, "l.f1")).find("calls itself"), std::string::npos);
  EXPECT_NE(refusal(calls(200, 1)).find("deep"), std::string::npos);
}

}  // namespace
}  // namespace braid
