// A run whose shapes have been met before asks for memory for its outputs only.

#include <gtest/gtest.h>

#include "braid/compile.hpp"
#include "support/count_allocations.hpp"
#include "support/model_with_weights.hpp"

namespace braid {
namespace {

constexpr const char* kLayer = R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n,k] x) => (float[n,k] y, float[n,k] p) {
      a = Relu(x)
      b = Tanh(a)
      p = Softmax(b)
      c = Mul(p, x)
      s = ReduceMean <axes = [1]> (c)
      y = Sub(c, s)
    })";

// Storage, its bytes, its dims, and the list that holds them.
constexpr std::size_t kOfAnOutput = 6;

std::size_t allocations_of(const Executable& program, const std::vector<Datum>& inputs) {
  program.run(inputs);
  const std::size_t second = count_allocations([&] { program.run(inputs); });
  const std::size_t third = count_allocations([&] { program.run(inputs); });
  EXPECT_EQ(second, third);
  return third;
}

std::string chain(int length) {
  std::string nodes = "a0 = Softmax(x) ";
  for (int i = 0; i < length; ++i) {
    const auto at = [](int k) { return "a" + std::to_string(k); };
    nodes += at(i + 1) + (i % 2 == 0 ? " = Neg(" : " = Softmax(") + at(i) + ") ";
  }
  return R"(<ir_version: 8, opset_import: ["" : 17]> g (float[n,k] x) => (float[n,k] y) { )" +
         nodes + "y = Neg(a" + std::to_string(length) + ") }";
}

std::string products(int length) {
  std::string nodes = "a0 = Neg(x) ";
  for (int i = 0; i < length; ++i) {
    nodes += "a" + std::to_string(i + 1) + " = MatMul(a" + std::to_string(i) + ", w) ";
  }
  return R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[n,64] x, float[64,64] w) => (float[n,64] y) { )" +
         nodes + "y = Neg(a" + std::to_string(length) + ") }";
}

TEST(AllocationsTest, ARunAllocatesItsOutputsOnly) {
  if (!can_count_allocations()) GTEST_SKIP() << "a sanitizer has the allocator";
  for (const int threads : {1, 2}) {
    for (const std::int64_t n : {2, 300}) {
      const Executable program = compile(parse_model_text(kLayer), {Device::Cpu, threads});
      EXPECT_LE(allocations_of(program, {varied_floats({n, 512}, 1)}), 2 * kOfAnOutput)
          << n << " rows, " << threads << " threads";
    }
  }
}

TEST(AllocationsTest, MoreStepsDoNotAllocateMore) {
  if (!can_count_allocations()) GTEST_SKIP() << "a sanitizer has the allocator";
  const std::vector<Datum> inputs = {varied_floats({4, 64}, 1)};
  const Executable few = compile(parse_model_text(chain(2)), {Device::Cpu, 1});
  const Executable many = compile(parse_model_text(chain(40)), {Device::Cpu, 1});
  EXPECT_EQ(allocations_of(few, inputs), allocations_of(many, inputs));
}

// oneDNN keeps the arguments of a primitive in a table that it makes for each execution.
TEST(AllocationsTest, AProductAllocatesWhatOneDnnDoes) {
  if (!can_count_allocations()) GTEST_SKIP() << "a sanitizer has the allocator";
  constexpr std::size_t kOfAProduct = 12;
  constexpr std::size_t kProducts = 20;
  const std::vector<Datum> inputs = {varied_floats({4, 64}, 1)};
  const Executable program = compile(model_with_weights(products(kProducts)), {Device::Cpu, 1});
  EXPECT_LE(allocations_of(program, inputs), kOfAnOutput + kProducts * kOfAProduct);
}

TEST(AllocationsTest, AreCounted) {
  if (!can_count_allocations()) GTEST_SKIP() << "a sanitizer has the allocator";
  std::vector<int> values;
  EXPECT_EQ(count_allocations([&] { values.resize(1000); }), 1U);
}

}  // namespace
}  // namespace braid
