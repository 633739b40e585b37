#include "ir/check_attributes.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

std::string failure_of(const std::string& node) {
  const Model model = parse_model_text(
      "<ir_version: 10, opset_import: [\"\" : 21, \"my\" : 1]> g (float[1,4,8,8] x, bool b) =>"
      " (float[?] y) { " +
      node + " }");
  try {
    check_attributes(model.graph);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    return error.what();
  }
  return "";
}

TEST(CheckAttributesTest, Windows) {
  EXPECT_EQ(failure_of("y = Conv<dilations = [1, 9], pads = [0, 0, 1, -1]>(x, x)"), "");
  EXPECT_EQ(failure_of("y = Conv<dilations = [9223372036854775807, 1]>(x, x)"),
            "node 'y' (Conv): attribute 'dilations' has 9223372036854775807, which must be from 1 "
            "to 1073741824");
  EXPECT_EQ(failure_of("y = MaxPool<kernel_shape = [2, 2], strides = [1, 0]>(x)"),
            "node 'y' (MaxPool): attribute 'strides' has 0, which must be from 1 to 1073741824");
  EXPECT_EQ(failure_of("y = ConvTranspose<pads = [0, 0, 0, 4294967296]>(x, x)"),
            "node 'y' (ConvTranspose): attribute 'pads' has 4294967296, which must be from "
            "-1073741824 to 1073741824");
}

TEST(CheckAttributesTest, Flags) {
  EXPECT_EQ(failure_of("y = ReduceSum<keepdims = 0>(x)"), "");
  EXPECT_EQ(failure_of("y = ReduceSum<keepdims = 64>(x)"),
            "node 'y' (ReduceSum): attribute 'keepdims' has 64, which must be from 0 to 1");
}

TEST(CheckAttributesTest, IntegersOf32Bits) {
  EXPECT_EQ(failure_of("y = Softmax<axis = -2>(x)"), "");
  EXPECT_EQ(failure_of("y = Softmax<axis = 1099511627776>(x)"),
            "node 'y' (Softmax): attribute 'axis' has 1099511627776, which must be from "
            "-2147483648 to 2147483647");
}

TEST(CheckAttributesTest, Counts) {
  EXPECT_EQ(failure_of("y = Split<num_outputs = 1>(x)"), "");
  EXPECT_EQ(failure_of("y = Split<num_outputs = 1000000>(x)"),
            "node 'y' (Split): attribute 'num_outputs' has 1000000, which must be from 1 to 1");
}

TEST(CheckAttributesTest, IntegersOf64Bits) {
  EXPECT_EQ(failure_of("y = Constant<value_int = 1099511627776>()"), "");
  EXPECT_EQ(failure_of("y = Slice<starts = [0], ends = [9223372036854775807]>(x)"), "");
}

TEST(CheckAttributesTest, OtherDomainsAndSubgraphs) {
  EXPECT_EQ(failure_of("y = my.Thing<axis = 1099511627776>(x)"), "");
  EXPECT_EQ(failure_of("y = If<then_branch = t () => (float[?] u) { u = Softmax<axis = 4294967296>"
                       "(x) }, else_branch = e () => (float[?] v) { v = Neg(x) }>(b)"),
            "node 'u' (Softmax): attribute 'axis' has 4294967296, which must be from -2147483648 "
            "to 2147483647");
}

}  // namespace
}  // namespace braid
