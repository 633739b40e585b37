#include <algorithm>

#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::noise;
using testing_support::Call;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

// Sums of up to 70 products, and a few activations, step after step.
constexpr double kTolerance = 2e-5;

/// Weights small enough for the gates to stay within reach of their activations' ends.
Tensor weight(const Dims& dims, double seed) {
  Tensor tensor = noise(dims, DType::Float32, seed);
  for (float& value : tensor.mutable_data<float>())
    value *= 0.15F;
  return tensor;
}

struct Sizes {
  std::int64_t gates = 1;
  std::int64_t steps = 5;
  std::int64_t batch = 3;
  std::int64_t inputs = 7;
  std::int64_t hidden = 9;
};

/// A layer with a bias; `states` initial states as well, and with_lengths sequences of many
/// lengths.
Call layer(const std::string& op, const Sizes& s, const std::string& direction, bool batch_first,
           std::size_t states, bool with_lengths) {
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  const Dims x = batch_first ? Dims{s.batch, s.steps, s.inputs} : Dims{s.steps, s.batch, s.inputs};
  const Dims state =
      batch_first ? Dims{s.batch, directions, s.hidden} : Dims{directions, s.batch, s.hidden};
  Call call{.op = op, .constants = {1, 2, 3}, .outputs = op == "LSTM" ? 3U : 2U};
  call.inputs = {noise(x), weight({directions, s.gates * s.hidden, s.inputs}, 2.0),
                 weight({directions, s.gates * s.hidden, s.hidden}, 3.0),
                 weight({directions, 2 * s.gates * s.hidden}, 4.0)};
  std::vector<std::int32_t> lengths;
  for (std::int64_t b = 0; b < s.batch; ++b)
    lengths.push_back(static_cast<std::int32_t>((s.steps + b) % (s.steps + 1)));
  call.inputs.push_back(with_lengths ? Tensor::of<std::int32_t>({s.batch}, lengths) : Tensor());
  for (std::size_t i = 0; i < states; ++i)
    call.inputs.push_back(weight(state, 5.0 + static_cast<double>(i)));
  call.attributes = attrs({{"hidden_size", s.hidden}, {"direction", direction}});
  if (batch_first) call.attributes.set("layout", std::int64_t{1});
  return call;
}

void expect_all_kinds(const std::string& op, std::int64_t gates, const Attributes& more) {
  for (const char* direction : {"forward", "reverse", "bidirectional"}) {
    for (const bool batch_first : {false, true}) {
      for (const bool with_lengths : {false, true}) {
        SCOPED_TRACE(std::string(direction) + (batch_first ? ", batch first" : "") +
                     (with_lengths ? ", with lengths" : ""));
        const std::size_t states = !with_lengths ? 0 : (op == "LSTM" ? 2 : 1);
        Call call = layer(op, {.gates = gates}, direction, batch_first, states, with_lengths);
        for (const Attribute& attribute : more)
          call.attributes.set(attribute.name, attribute.value);
        expect_bound_as_reference(call, kTolerance);
      }
    }
  }
}

TEST(CpuRecurrentTest, LSTM) {
  expect_all_kinds("LSTM", 4, {});
  expect_all_kinds("LSTM", 4, attrs({{"input_forget", 1}, {"clip", 0.5F}}));
}

TEST(CpuRecurrentTest, GRU) {
  expect_all_kinds("GRU", 3, {});
  expect_all_kinds("GRU", 3, attrs({{"linear_before_reset", 1}}));
  expect_all_kinds("GRU", 3, attrs({{"linear_before_reset", 1}, {"clip", 0.5F}}));
}

TEST(CpuRecurrentTest, RNN) {
  expect_all_kinds("RNN", 1, {});
  expect_all_kinds("RNN", 1, attrs({{"clip", 0.5F}}));
}

TEST(CpuRecurrentTest, SizesBeyondOneVector) {
  for (const std::int64_t batch : {1, 2, 8, 17}) {
    const Sizes sizes{.gates = 4, .steps = 3, .batch = batch, .inputs = 33, .hidden = 70};
    expect_bound_as_reference(layer("LSTM", sizes, "forward", false, 2, false), kTolerance);
  }
}

TEST(CpuRecurrentTest, OnlySomeOperands) {
  Call call = layer("LSTM", {.gates = 4}, "forward", false, 0, false);
  call.inputs.resize(3);  // no bias
  call.outputs = 1;
  expect_bound_as_reference(call, kTolerance);
  std::vector<Tensor> outputs =
      reference::call_all(call.op, call.inputs, call.attributes, 3, call.opset);
  outputs[0] = Tensor();
  testing_support::expect_bound(call, outputs, kTolerance);
}

TEST(CpuRecurrentTest, TheRestIsLeftToTheReference) {
  const Call plain = layer("LSTM", {.gates = 4}, "forward", false, 2, false);
  EXPECT_TRUE(is_bound(plain));
  Call computed_weight = plain;
  computed_weight.constants = {2, 3};
  EXPECT_FALSE(is_bound(computed_weight));
  Call peepholes = plain;
  peepholes.inputs.push_back(weight({1, 27}, 8.0));
  EXPECT_FALSE(is_bound(peepholes));
  Call activations = plain;
  activations.attributes.set("activations", std::vector<std::string>{"Relu", "Tanh", "Tanh"});
  EXPECT_FALSE(is_bound(activations));
  activations.attributes.set("activations", std::vector<std::string>{"sigmoid", "TANH", "Tanh"});
  PackedWeights weights;
  EXPECT_NE(
      testing_support::bind(
          activations, reference::call_all(plain.op, plain.inputs, plain.attributes, 3), weights),
      nullptr);
}

}  // namespace
}  // namespace braid
