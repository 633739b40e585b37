// One Executable, run by many threads at once, yields the bits that one thread gets. Built once
// more with ThreadSanitizer (the preset tsan), which sees what comes out right by luck.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "braid/compile.hpp"
#include "support/model_with_weights.hpp"

namespace braid {
namespace {

using Inputs = std::vector<Datum>;
using Outputs = std::vector<Datum>;

constexpr int kThreads = 4;
constexpr int kRuns = 6;

bool are_equal(const Outputs& a, const Outputs& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Datum& x, const Datum& y) {
    return same_content(x.tensor(), y.tensor());
  });
}

// The shapes meet while their Programs are made, and while these run.
void expect_equal_bits(const Model& model, const std::vector<Inputs>& shapes) {
  const Executable alone = compile(model, {Device::Cpu, 1});
  std::vector<Outputs> expected;
  expected.reserve(shapes.size());
  for (const Inputs& inputs : shapes)
    expected.push_back(alone.run(inputs));
  EXPECT_FALSE(are_equal(expected[0], expected[1])) << "the inputs do not tell runs apart";
  const Executable shared = compile(model, {Device::Cpu, 1});
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int r = 0; r < kRuns; ++r) {
        const auto i = static_cast<std::size_t>(t + r) % shapes.size();
        if (!are_equal(shared.run(shapes[i]), expected[i])) ++others;
        if (shared.report(shapes[i]).steps.empty()) ++others;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(others, 0);
}

TEST(ConcurrentRunsTest, OfALayer) {
  const Model model = model_with_weights(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n,64] x, float[64,96] w1, float[96,64] w2, float[64] w_scale, float[64] w_bias)
      => (float[n,64] y, float[n,64] p) {
      a = MatMul(x, w1)
      b = Relu(a)
      c = MatMul(b, w2)
      d = Add(c, x)
      y = LayerNormalization(d, w_scale, w_bias)
      e = Tanh(y)
      p = Softmax(e)
    })");
  expect_equal_bits(
      model,
      {{varied_floats({3, 64}, 1)}, {varied_floats({40, 64}, 2)}, {varied_floats({3, 64}, 3)}});
}

TEST(ConcurrentRunsTest, OfBranchesAndLoops) {
  const Model model = model_with_weights(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (bool c, int64 turns, float[n,32] x, float[32,32] w) => (float[n,32] y, float[t,n,32] all) {
      a = MatMul(x, w)
      b = If (c) <
        then_branch = t () => (float[n,32] t1) { t0 = MatMul(a, w) t1 = Relu(t0) },
        else_branch = e () => (float[n,32] e1) { e1 = Neg(a) }
      >
      y, all = Loop (turns, "", b) <
        body = l (int64 i, bool go, float[n,32] state)
          => (bool go_on, float[n,32] next, float[n,32] kept) {
          go_on = Identity(go)
          m = MatMul(state, w)
          next = Tanh(m)
          kept = Add(next, a)
        }
      >
    })");
  std::vector<Inputs> shapes;
  for (const std::int64_t n : {2, 9}) {
    Tensor condition = Tensor::allocate(DType::Bool, {});
    condition.mutable_data<std::uint8_t>()[0] = n == 2 ? 1 : 0;
    shapes.push_back({condition, Tensor::of<std::int64_t>({}, {3}),
                      varied_floats({n, 32}, static_cast<double>(n))});
  }
  expect_equal_bits(model, shapes);
}

}  // namespace
}  // namespace braid
