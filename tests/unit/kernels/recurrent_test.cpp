#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

// One unit, one input, two steps, so that every number can be written out.
const Dims kSequence = {2, 1, 1};

TEST(Rnn, BothDirectionsAndLengths) {
  const Tensor x = floats({2, 2, 1}, {1, 2, 3, 4});
  const Tensor w = floats({2, 1, 1}, {1, 10});
  const Tensor r = floats({2, 1, 1}, {2, 1});
  const Attributes attributes = attrs(
      {{"direction", "bidirectional"}, {"activations", std::vector<std::string>{"Relu", "Relu"}}});
  const auto outputs =
      call_all("RNN", {x, w, r, {}, tensor(DType::Int32, {2}, {2, 1})}, attributes, 2);
  // [step, direction, batch]: what lies behind a sequence's end is 0.
  expect_values(outputs[0], {2, 2, 2, 1}, {1, 2, 40, 20, 5, 0, 30, 0});
  expect_values(outputs[1], {2, 2, 1}, {5, 2, 40, 20});
}

TEST(Rnn, BatchFirst) {
  const Tensor x = floats({2, 2, 1}, {1, 3, 2, 4});
  const Attributes attributes = attrs({{"layout", 1},
                                       {"activations", std::vector<std::string>{"Affine"}},
                                       {"activation_alpha", std::vector<float>{2}},
                                       {"activation_beta", std::vector<float>{1}}});
  const auto outputs = call_all(
      "RNN", {x, floats({1, 1, 1}, {1}), floats({1, 1, 1}, {0}), floats({1, 2}, {0.5, 0.5})},
      attributes, 2);
  expect_values(outputs[0], {2, 2, 1, 1}, {5, 9, 7, 11});
  expect_values(outputs[1], {2, 1, 1}, {9, 11});
}

TEST(Gru, ResetBeforeAndAfterTheProduct) {
  const Tensor x = floats(kSequence, {1, -1});
  const Tensor w = floats({1, 3, 1}, {0.5, 1, 2});
  const Tensor r = floats({1, 3, 1}, {1, -1, 3});
  const Tensor b = floats({1, 6}, {0, 0, 0, 0, 0, 0.5});
  for (const bool after : {false, true}) {
    double h = 0.25;
    for (const double step : {1.0, -1.0}) {
      const double z = sigmoid(0.5 * step + h);
      const double reset = sigmoid(step - h);
      const double kept = after ? reset * (3 * h + 0.5) : 3 * reset * h + 0.5;
      h = (1 - z) * std::tanh(2 * step + kept) + z * h;
    }
    const auto outputs = call_all("GRU", {x, w, r, b, {}, floats({1, 1, 1}, {0.25})},
                                  attrs({{"linear_before_reset", after ? 1 : 0}}), 2);
    expect_values(outputs[1], {1, 1, 1}, {h});
  }
}

TEST(Lstm, PeepholesAndState) {
  const Tensor x = floats(kSequence, {1, -2});
  const Tensor w = floats({1, 4, 1}, {0.5, 1, -1, 2});
  const Tensor r = floats({1, 4, 1}, {1, -1, 0.5, 3});
  const Tensor b = floats({1, 8}, {0.1F, 0.2F, 0.3F, 0.4F, 0, 0, 0, 0});
  const Tensor p = floats({1, 3}, {1, 2, 3});
  double h = 0.5;
  double c = -0.5;
  for (const double step : {1.0, -2.0}) {
    const double in = sigmoid(0.5 * step + h + 0.1 + c);
    const double forget = sigmoid(-step + 0.5 * h + 0.3 + 3 * c);
    const double next = forget * c + in * std::tanh(2 * step + 3 * h + 0.4);
    const double out = sigmoid(step - h + 0.2 + 2 * next);
    c = next;
    h = out * std::tanh(c);
  }
  const auto outputs = call_all(
      "LSTM", {x, w, r, b, {}, floats({1, 1, 1}, {0.5}), floats({1, 1, 1}, {-0.5}), p}, {}, 3);
  expect_values(outputs[1], {1, 1, 1}, {h});
  expect_values(outputs[2], {1, 1, 1}, {c});
  expect_fails("must be [1,4,1]", "LSTM", {x, w, floats({1, 4, 2}, std::vector<float>(8, 0))});
  expect_fails("activation Sine", "LSTM", {x, w, r},
               attrs({{"activations", std::vector<std::string>{"Sine", "Tanh", "Tanh"}}}));
}

}  // namespace
}  // namespace braid::reference
