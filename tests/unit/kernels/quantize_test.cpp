#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

Tensor bytes(Dims dims, const std::vector<double>& values) {
  return tensor(DType::UInt8, std::move(dims), values);
}

Tensor signed_bytes(Dims dims, const std::vector<double>& values) {
  return tensor(DType::Int8, std::move(dims), values);
}

TEST(QuantizeLinear, RoundsToEvenAndSaturates) {
  const Tensor x = floats({6}, {0, 1, 3, -1, 1000, -1000});
  expect_values(call("QuantizeLinear", {x, floats({}, {2}), bytes({}, {128})}), {6},
                {128, 128, 130, 128, 255, 0});
  expect_values(call("QuantizeLinear", {x, floats({}, {2})}), {6}, {0, 0, 2, 0, 255, 0});
  expect_values(call("QuantizeLinear", {x, floats({}, {2}), signed_bytes({}, {-1})}), {6},
                {-1, -1, 1, -1, 127, -128});
}

TEST(QuantizeLinear, PerAxisAndInBlocks) {
  const Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  expect_values(call("QuantizeLinear", {x, floats({3}, {1, 2, 3})}), {2, 3}, {1, 1, 1, 4, 2, 2});
  expect_values(
      call("QuantizeLinear", {x, floats({2}, {1, 2}), bytes({2}, {0, 10})}, attrs({{"axis", -2}})),
      {2, 3}, {1, 2, 3, 12, 12, 13});
  expect_values(call("QuantizeLinear", {x, floats({2, 2}, {1, 3, 2, 1})},
                     attrs({{"axis", 1}, {"block_size", 2}})),
                {2, 3}, {1, 2, 1, 2, 2, 6});
  expect_fails("must be [3]", "QuantizeLinear", {x, floats({2}, {1, 2})});
  expect_fails("one shape", "QuantizeLinear", {x, floats({3}, {1, 2, 3}), bytes({}, {1})});
}

TEST(DequantizeLinear, TakesTheZeroPointOff) {
  const Tensor x = bytes({2, 2}, {0, 100, 128, 255});
  expect_values(call("DequantizeLinear", {x, floats({}, {0.5}), bytes({}, {128})}), {2, 2},
                {-64, -14, 0, 63.5});
  expect_values(call("DequantizeLinear", {x, floats({2}, {1, 2})}), {2, 2}, {0, 200, 128, 510});
  expect_fails("float", "DequantizeLinear", {floats({1}, {1}), floats({}, {1})});
}

TEST(DynamicQuantizeLinear, RangeIncludesZero) {
  const auto outputs =
      call_all("DynamicQuantizeLinear", {floats({6}, {0, 2, -3, -2.5, 1.34F, 0.5})}, {}, 3);
  expect_values(outputs[0], {6}, {153, 255, 0, 26, 221, 179});
  expect_values(outputs[1], {}, {0.0196078438});
  expect_values(outputs[2], {}, {153});
  const auto zeros = call_all("DynamicQuantizeLinear", {floats({1}, {0})}, {}, 3);
  expect_values(zeros[0], {1}, {0});
  expect_values(zeros[1], {}, {0});
}

TEST(MatMulInteger, ZeroPointsOfRowsAndColumns) {
  const Tensor a = bytes({2, 2}, {11, 12, 13, 14});
  const Tensor b = bytes({2, 2}, {1, 2, 3, 4});
  expect_values(call("MatMulInteger", {a, b}), {2, 2}, {47, 70, 55, 82});
  expect_values(call("MatMulInteger", {a, b, bytes({2}, {11, 13}), bytes({2}, {1, 2})}), {2, 2},
                {2, 2, 2, 2});
}

TEST(QLinearMatMul, ScalesPerColumn) {
  const Tensor a = bytes({1, 2}, {3, 5});
  const Tensor b = signed_bytes({2, 2}, {1, 2, 3, -4});
  // Sums 18 and -14, times 0.5 and 1, over 2.
  expect_values(call("QLinearMatMul", {a, floats({}, {1}), bytes({}, {0}), b, floats({2}, {0.5, 1}),
                                       signed_bytes({2}, {0, 0}), floats({}, {2}), bytes({}, {5})}),
                {1, 2}, {9, 0});
}

TEST(QLinearConv, BiasAndScalesPerChannel) {
  const Tensor x = bytes({1, 1, 3}, {1, 2, 3});
  const Tensor w = signed_bytes({2, 1, 2}, {1, 1, 2, -1});
  const Tensor bias = tensor(DType::Int32, {2}, {10, 0});
  // Sums 13, 15 and 0, 1; times 1 and 3; over 2; plus 7.
  expect_values(
      call("QLinearConv", {x, floats({}, {1}), bytes({}, {0}), w, floats({2}, {1, 3}),
                           signed_bytes({2}, {0, 0}), floats({}, {2}), bytes({}, {7}), bias}),
      {1, 2, 2}, {13, 15, 7, 9});
  expect_values(call("ConvInteger", {x, w, bytes({}, {1})}), {1, 2, 2}, {1, 3, -1, 0});
}

}  // namespace
}  // namespace braid::reference
