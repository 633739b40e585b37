#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

TEST(Det, NeedsPivots) {
  expect_values(call("Det", {floats({2, 2, 2}, {1, 2, 3, 4, 0, 1, 1, 0})}), {2}, {-2, -1});
  expect_values(call("Det", {floats({2, 2}, {1, 2, 2, 4})}), {}, {0});
  expect_fails("square", "Det", {floats({1, 2}, {1, 2})});
}

TEST(Fourier, ThereAndBack) {
  const Tensor x = floats({1, 4, 1}, {1, 2, 3, 4});
  const std::vector<double> spectrum = {10, 0, -2, 2, -2, 0, -2, -2};
  const Tensor y = call("DFT", {x});
  expect_values(y, {1, 4, 2}, spectrum);
  expect_values(call("DFT", {x}, attrs({{"axis", 1}}), 17), {1, 4, 2}, spectrum);
  expect_values(call("DFT", {y}, attrs({{"inverse", 1}})), {1, 4, 2}, {1, 0, 2, 0, 3, 0, 4, 0});
  const Tensor half = call("DFT", {x}, attrs({{"onesided", 1}}));
  expect_values(half, {1, 3, 2}, {10, 0, -2, 2, -2, 0});
  expect_values(call("DFT", {half}, attrs({{"inverse", 1}, {"onesided", 1}})), {1, 4, 1},
                {1, 2, 3, 4});
  expect_values(call("DFT", {x, scalar(2)}), {1, 2, 2}, {3, 0, -1, 0});
  expect_fails("real and imaginary", "DFT", {x, Tensor(), scalar(2)});
}

TEST(Fourier, FramesAndWindows) {
  const Tensor x = floats({1, 4}, {1, 2, 3, 4});
  expect_values(call("STFT", {x, scalar(2), Tensor(), scalar(2)}), {1, 2, 2, 2},
                {3, 0, -1, 0, 7, 0, -1, 0});
  expect_values(call("STFT", {x, scalar(1), floats({3}, {0, 1, 0})}, attrs({{"onesided", 1}})),
                {1, 2, 2, 2}, {2, 0, -1, -1.7320508, 3, 0, -1.5, -2.5980762});
  expect_fails("do not fit", "STFT", {x, scalar(2), Tensor(), scalar(5)});
}

TEST(Loss, ReductionsWeightsAndIgnored) {
  const Tensor x = floats({3, 2}, {-1, -2, -3, -4, -5, -6});
  const Tensor target = list({0, 1, 0});
  const auto loss = [&](const std::vector<Tensor>& inputs, const char* reduction,
                        std::int64_t ignored = -1) {
    return call("NegativeLogLikelihoodLoss", inputs,
                attrs({{"reduction", std::string(reduction)}, {"ignore_index", ignored}}));
  };
  const Tensor weights = floats({2}, {1, 3});
  expect_values(loss({x, target}, "none"), {3}, {1, 4, 5});
  expect_values(loss({x, target}, "mean"), {}, {10.0 / 3.0});
  expect_values(loss({x, target, weights}, "none"), {3}, {1, 12, 5});
  expect_values(loss({x, target, weights}, "mean"), {}, {18.0 / 5.0});
  expect_values(loss({x, target, weights}, "sum", 1), {}, {6});
  expect_fails("is no class", "NegativeLogLikelihoodLoss", {x, list({0, 2, 0})});
  expect_fails("does not fit", "NegativeLogLikelihoodLoss", {x, list({0, 1})});
}

TEST(Loss, OfSoftmax) {
  const Tensor x = floats({1, 2, 2}, {0, 0, 0, std::log(3.0F)});
  const std::vector<Tensor> results = call_all("SoftmaxCrossEntropyLoss", {x, ints({1, 2}, {0, 1})},
                                               attrs({{"reduction", std::string("none")}}), 2);
  expect_values(results[0], {1, 2}, {std::log(2.0), std::log(4.0 / 3.0)});
  expect_values(results[1], {1, 2, 2},
                {-std::log(2.0), -std::log(4.0), -std::log(2.0), std::log(0.75)});
}

TEST(BitCast, KeepsTheBits) {
  const Attributes to_int = attrs({{"to", static_cast<std::int64_t>(DType::Int32)}});
  expect_values(call("BitCast", {floats({2}, {1, -2})}, to_int), {2}, {0x3F800000, -0x40000000});
  expect_fails("differ in size", "BitCast", {tensor(DType::Float16, {1}, {1})}, to_int);
}

}  // namespace
}  // namespace braid::reference
