#include <limits>

#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(Attention, MaskAndCausality) {
  const Tensor q = floats({1, 1, 2, 1}, {0, 0});
  const Tensor k = floats({1, 1, 2, 1}, {1, 2});
  const Tensor v = floats({1, 1, 2, 1}, {3, 5});
  expect_values(call("Attention", {q, k, v}, {}, 23), {1, 1, 2, 1}, {4, 4});
  expect_values(call("Attention", {q, k, v}, attrs({{"is_causal", 1}}), 23), {1, 1, 2, 1}, {3, 4});
  expect_values(call("Attention", {q, k, v, floats({2, 2}, {-kInf, 0, 0, -kInf})}, {}, 23),
                {1, 1, 2, 1}, {5, 3});
  const Tensor bools = tensor(DType::Bool, {2, 2}, {0, 1, 1, 1});
  expect_values(call("Attention", {q, k, v, bools}, {}, 23), {1, 1, 2, 1}, {5, 4});
  // A mask of fewer keys leaves the others out.
  expect_values(call("Attention", {q, k, v, floats({2, 1}, {0, 0})}, {}, 23), {1, 1, 2, 1}, {3, 3});
  const Tensor one = tensor(DType::Int64, {1}, {1});
  expect_values(call("Attention", {q, k, v, {}, {}, {}, one}, {}, 24), {1, 1, 2, 1}, {3, 3});
}

TEST(Attention, ScoresOfEveryStage) {
  const Tensor q = floats({1, 1, 1, 4}, {1, 1, 1, 1});
  const Tensor k = floats({1, 1, 2, 4}, {1, 1, 1, 1, 0, 0, 0, 0});
  const Tensor v = floats({1, 1, 2, 1}, {1, 0});
  const double capped = 3 * std::tanh(2.0 / 3);
  const double masked = capped + 1;
  const double p = 1 / (1 + std::exp(-masked));
  const std::vector<double> expected = {2, capped, masked, p};
  for (int mode = 0; mode < 4; ++mode) {
    const auto outputs =
        call_all("Attention", {q, k, v, floats({1, 2}, {1, 0})},
                 attrs({{"softcap", 3.0F}, {"qk_matmul_output_mode", mode}}), 4, 24);
    expect_values(outputs[3], {1, 1, 1, 2},
                  {expected[static_cast<std::size_t>(mode)], mode == 3 ? 1 - p : 0});
    expect_values(outputs[0], {1, 1, 1, 1}, {p});
  }
}

TEST(Attention, GroupedHeadsBehindACache) {
  // Two heads of queries share one of keys; rank 3 packs the heads.
  const Tensor q = floats({1, 1, 2}, {0, 100});
  const Tensor k = floats({1, 1, 1}, {1});
  const Tensor v = floats({1, 1, 1}, {8});
  const Tensor past_k = floats({1, 1, 1, 1}, {-1});
  const Tensor past_v = floats({1, 1, 1, 1}, {2});
  const auto outputs = call_all("Attention", {q, k, v, {}, past_k, past_v},
                                attrs({{"q_num_heads", 2}, {"kv_num_heads", 1}}), 3, 23);
  expect_values(outputs[0], {1, 1, 2}, {5, 8});
  expect_values(outputs[1], {1, 1, 2, 1}, {-1, 1});
  expect_values(outputs[2], {1, 1, 2, 1}, {2, 8});
  expect_fails("do not fit", "Attention",
               {noise({1, 1, 2, 4}), noise({1, 1, 2, 3}), noise({1, 1, 2, 3})});
}

TEST(RotaryEmbedding, HalvesAndPairs) {
  const Tensor x = floats({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor cosine = floats({2, 2}, {1, 1, 0, 1});
  const Tensor sine = floats({2, 2}, {0, 0, 1, 0});
  const Tensor second = ints({1, 1}, {1});
  expect_values(call("RotaryEmbedding", {x, cosine, sine, second}, {}, 23), {1, 1, 1, 4},
                {-3, 2, 1, 4});
  expect_values(call("RotaryEmbedding", {x, cosine, sine, second}, attrs({{"interleaved", 1}}), 23),
                {1, 1, 1, 4}, {-2, 1, 3, 4});
  expect_fails("position 2", "RotaryEmbedding", {x, cosine, sine, ints({1, 1}, {2})});
}

TEST(TensorScatter, LinearAndCircular) {
  const Tensor cache = floats({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  const Tensor update = floats({2, 2, 1}, {7, 8, 9, 10});
  expect_values(call("TensorScatter", {cache, update}, {}, 24), {2, 3, 1}, {7, 8, 3, 9, 10, 6});
  expect_values(
      call("TensorScatter", {cache, update, ints({2}, {1, 2})}, attrs({{"mode", "circular"}}), 24),
      {2, 3, 1}, {1, 7, 8, 10, 5, 9});
  expect_fails("out of range", "TensorScatter", {cache, update, ints({2}, {1, 2})});
}

TEST(CausalConvWithState, RemembersItsPast) {
  const Tensor x = floats({1, 1, 2}, {3, 4});
  const Tensor w = floats({1, 1, 3}, {100, 10, 1});
  const auto outputs = call_all("CausalConvWithState",
                                {x, w, floats({1}, {0.5}), floats({1, 1, 2}, {1, 2})}, {}, 2, 27);
  expect_values(outputs[0], {1, 1, 2}, {123.5, 234.5});
  expect_values(outputs[1], {1, 1, 2}, {3, 4});
}

TEST(LinearAttention, GatedDelta) {
  // One head, one key and value dim: S = g S + b k (v - g S k), y = q S.
  const Tensor q = floats({1, 2, 1}, {1, 2});
  const Tensor k = floats({1, 2, 1}, {0.5, 1});
  const Tensor v = floats({1, 2, 1}, {3, 4});
  const Tensor decay = floats({1, 2, 1}, {0, std::log(0.5F)});
  const Tensor rate = floats({1, 2, 1}, {1, 0.25});
  const auto outputs =
      call_all("LinearAttention", {q, k, v, floats({1, 1, 1, 1}, {2}), decay, rate},
               attrs({{"q_num_heads", 1}, {"kv_num_heads", 1}}), 2, 27);
  const double first = 2 + 0.5 * (3 - 2 * 0.5);
  const double second = 0.5 * first + 0.25 * (4 - 0.5 * first);
  expect_values(outputs[0], {1, 2, 1}, {first, 2 * second});
  expect_values(outputs[1], {1, 1, 1, 1}, {second});
}

TEST(DeformConv, OffsetsBetweenPixels) {
  const Tensor x = floats({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor w = floats({1, 1, 1, 1}, {10});
  Tensor offset = floats({1, 2, 2, 2}, {0, 0, 0, 0.5, 0.5, 0, 0, 0});
  const Tensor mask = floats({1, 1, 2, 2}, {1, 1, 2, 1});
  expect_values(call("DeformConv", {x, w, offset, floats({1}, {1}), mask}), {1, 1, 2, 2},
                {16, 21, 61, 21});
  expect_fails("must be [1,2,2,2]", "DeformConv", {x, w, mask});
}

}  // namespace
}  // namespace braid::reference
