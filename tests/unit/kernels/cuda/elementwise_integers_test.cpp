// Chains of integers, of floats and integers, and of places.

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "kernels/cuda/elementwise.hpp"
#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr int kStep = kChainInputs;  // the result of step i is kStep + i
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoFloat = (std::int64_t{1} << 53) + 1;

ChainArgs integer_chain(std::span<const ChainStep> steps) {
  ChainArgs args;
  EXPECT_TRUE(compile_chain(steps, args));
  args.is_integer = true;
  return args;
}

/// Runs it in every order, over inputs that lie as the output does unless `strides` says otherwise.
template <class T>
std::vector<T> run(ChainArgs args, Stored stored, const Integers& dims,
                   const std::vector<Integers>& strides) {
  EXPECT_TRUE(shape_chain(dims, strides, args));
  args.stored = stored;
  std::vector<T> first;
  for (const emulator::Schedule schedule : kSchedules) {
    std::vector<T> y(static_cast<std::size_t>(args.count));
    std::memset(y.data(), 0xFF, y.size() * sizeof(T));
    args.y = y.data();
    emulator::launch(launch_chain(args), &args, schedule);
    if (first.empty()) first = y;
    EXPECT_EQ(y, first);
  }
  return first;
}

struct Function {
  const char* name;
  ChainOp op;
  std::function<std::int64_t(std::int64_t, std::int64_t)> expected;
  bool divides = false;
};

class IntegerChainTest : public testing::TestWithParam<Function> {};

TEST_P(IntegerChainTest, IsExact) {
  const Function& f = GetParam();
  for (const std::int64_t count : {1, 3, 33, 516}) {
    Integers x;
    Integers y;
    for (std::int64_t i = 0; i < count; ++i) {
      x.push_back(i % 7 == 0 ? kNoFloat * (i + 1) : (i * 37) % 101 - 50);
      y.push_back((i * 13) % 11 - 5);
      if (f.divides && y.back() == 0) y.back() = 7;
    }
    const ChainStep step{f.op, 0, 1};
    ChainArgs args = integer_chain({&step, 1});
    args.inputs[0] = {x.data(), Stored::Int64};
    args.inputs[1] = {y.data(), Stored::Int64};
    Integers expected;
    for (std::size_t i = 0; i < x.size(); ++i)
      expected.push_back(f.expected(x[i], y[i]));
    EXPECT_EQ(run<std::int64_t>(args, Stored::Int64, {count}, {{1}, {1}}), expected);
  }
}

std::int64_t power_of(std::int64_t x, std::int64_t n) {
  if (n < 0) return x == 1 ? 1 : x == -1 ? (n % 2 == 0 ? 1 : -1) : 0;
  std::uint64_t result = 1;
  for (; n > 0; --n)
    result *= static_cast<std::uint64_t>(x);
  return static_cast<std::int64_t>(result);
}

std::int64_t shift(std::int64_t x, std::int64_t by, bool is_left) {
  if (by < 0) return 0;
  const auto bits = static_cast<std::uint64_t>(x);
  return static_cast<std::int64_t>(is_left ? bits << by : bits >> by);
}

INSTANTIATE_TEST_SUITE_P(
    Operators, IntegerChainTest,
    testing::Values(
        Function{"add", ChainOp::Add, [](auto a, auto b) { return a + b; }},
        Function{"sub", ChainOp::Sub, [](auto a, auto b) { return a - b; }},
        Function{"mul", ChainOp::Mul,
                 [](auto a, auto b) {
                   return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) *
                                                    static_cast<std::uint64_t>(b));
                 }},
        Function{"div", ChainOp::Div, [](auto a, auto b) { return a / b; }, true},
        Function{"fmod", ChainOp::Fmod, [](auto a, auto b) { return a % b; }, true},
        Function{"mod", ChainOp::Mod, [](auto a, auto b) { return ((a % b) + b) % b; }, true},
        Function{"pow", ChainOp::Pow, power_of},
        Function{"min", ChainOp::Min, [](auto a, auto b) { return a < b ? a : b; }},
        Function{"max", ChainOp::Max, [](auto a, auto b) { return a > b ? a : b; }},
        Function{"equal", ChainOp::Equal, [](auto a, auto b) { return a == b ? 1 : 0; }},
        Function{"greater", ChainOp::Greater, [](auto a, auto b) { return a > b ? 1 : 0; }},
        Function{"less_or_equal", ChainOp::LessOrEqual,
                 [](auto a, auto b) { return a <= b ? 1 : 0; }},
        Function{"xor", ChainOp::Xor, [](auto a, auto b) { return (a != 0) != (b != 0) ? 1 : 0; }},
        Function{"bitwise_and", ChainOp::BitwiseAnd, [](auto a, auto b) { return a & b; }},
        Function{"bitwise_or", ChainOp::BitwiseOr, [](auto a, auto b) { return a | b; }},
        Function{"bitwise_xor", ChainOp::BitwiseXor, [](auto a, auto b) { return a ^ b; }},
        Function{"shift_left", ChainOp::ShiftLeft,
                 [](auto a, auto b) { return shift(a, b, true); }},
        Function{"shift_right", ChainOp::ShiftRight,
                 [](auto a, auto b) { return shift(a, b, false); }}),
    name_of<Function>);

TEST(IntegerChain, WrapsAroundAndNeverTraps) {
  const Integers x{kSmallest, kSmallest, kSmallest, -7};
  const Integers y{-1, 0, 1, -1};
  const ChainStep steps[] = {{ChainOp::Div, 0, 1}, {ChainOp::Abs, kStep}};
  ChainArgs args = integer_chain(steps);
  int bad = 0;
  args.bad = &bad;
  args.inputs[0] = {x.data(), Stored::Int64};
  args.inputs[1] = {y.data(), Stored::Int64};
  EXPECT_EQ(run<std::int64_t>(args, Stored::Int64, {4}, {{1}, {1}}),
            (Integers{kSmallest, 0, kSmallest, 7}));
  EXPECT_EQ(bad, 1);
}

TEST(IntegerChain, ReportsNoDivisionByWhatIsNotThere) {
  const Integers x{8, 8, 8, 8, 9};  // a pack of four, and one more
  const ChainStep step{ChainOp::Mod, 0, 1};
  ChainArgs args = integer_chain({&step, 1});
  const Integers divisors{3, 3, 3, 3, 3};
  int bad = 0;
  args.bad = &bad;
  args.inputs[0] = {x.data(), Stored::Int64};
  args.inputs[1] = {divisors.data(), Stored::Int64};
  EXPECT_EQ(run<std::int64_t>(args, Stored::Int64, {5}, {{1}, {1}}), (Integers{2, 2, 2, 2, 0}));
  EXPECT_EQ(bad, 0);
}

TEST(IntegerChain, WrapsToTheTypesBetween) {
  const Integers x{(std::int64_t{1} << 31) + 5, 300, -1, 128};
  const auto wrapped = [&](ChainOp op) {
    const ChainStep step{op, 0};
    ChainArgs args = integer_chain({&step, 1});
    args.inputs[0] = {x.data(), Stored::Int64};
    return run<std::int64_t>(args, Stored::Int64, {4}, {{1}});
  };
  EXPECT_EQ(wrapped(ChainOp::WrapInt32), (Integers{-(std::int64_t{1} << 31) + 5, 300, -1, 128}));
  EXPECT_EQ(wrapped(ChainOp::WrapInt8), (Integers{5, 44, -1, -128}));
  EXPECT_EQ(wrapped(ChainOp::WrapUInt8), (Integers{5, 44, 255, 128}));
  EXPECT_EQ(wrapped(ChainOp::ToBool), (Integers{1, 1, 1, 1}));
}

TEST(IntegerChain, StoresAsABoolWhatIsNotZero) {
  const Integers x{0, 1, 256, -1, std::int64_t{1} << 40};
  const ChainStep step{ChainOp::Load, 0};
  ChainArgs args = integer_chain({&step, 1});
  args.inputs[0] = {x.data(), Stored::Int64};
  using Bytes = std::vector<std::uint8_t>;
  EXPECT_EQ(run<std::uint8_t>(args, Stored::Bool, {5}, {{1}}), (Bytes{0, 1, 1, 1, 1}));
  EXPECT_EQ(run<std::uint8_t>(args, Stored::UInt8, {5}, {{1}}), (Bytes{0, 1, 0, 255, 0}));
}

TEST(IntegerChain, TurnsFloatsIntoIntegersAsProcessorsDo) {
  const std::vector<float> x{2.75F, -2.75F, NAN, INFINITY, 3e9F, -1.0F};
  const ChainStep step{ChainOp::Load, 0};
  ChainArgs args;
  ASSERT_TRUE(compile_chain({&step, 1}, args));
  args.inputs[0] = {x.data(), Stored::Float};
  EXPECT_EQ(run<std::int64_t>(args, Stored::Int64, {6}, {{1}}),
            (Integers{2, -2, kSmallest, kSmallest, 3000000000, -1}));
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  EXPECT_EQ(run<std::int32_t>(args, Stored::Int32, {6}, {{1}}),
            (std::vector<std::int32_t>{2, -2, kLeast, kLeast, kLeast, -1}));
  EXPECT_EQ(run<std::uint8_t>(args, Stored::Bool, {6}, {{1}}),
            (std::vector<std::uint8_t>{1, 1, 1, 1, 1, 1}));
}

// where(a == b, 2 x + 1, cast(a) / 4) < 1.5: floats and integers that no float can tell apart.
TEST(IntegerChain, TakesFloatsToo) {
  const Integers a{kNoFloat, kNoFloat, 5, -3, 12, 7};
  const Integers b{kNoFloat, kNoFloat - 1, 5, 3, 12, 8};
  const Values x(Element::Half, std::vector<double>{0.125, 0.5, 0.25, 1.0, 9.0, 2.0});
  const ChainStep steps[] = {
      {ChainOp::Equal, 0, 1},
      {.op = ChainOp::Affine, .x = 2, .a = 2.0F, .b = 1.0F, .is_float = true},
      {ChainOp::ToFloat, 0},
      {.op = ChainOp::Affine, .x = kStep + 2, .a = 0.25F, .is_float = true},
      {ChainOp::Where, kStep, kStep + 1, kStep + 3},
      {.op = ChainOp::Less, .x = kStep + 4, .y = 3, .is_float = true},
      {ChainOp::Not, kStep + 5}};
  const float limit = 1.5F;
  const auto with = [&](int count) {
    ChainArgs args = integer_chain(std::span(steps).first(static_cast<std::size_t>(count)));
    args.inputs[0] = {a.data(), Stored::Int64};
    args.inputs[1] = {b.data(), Stored::Int64};
    args.inputs[2] = {x.data(), Stored::Half};
    args.inputs[3] = {&limit, Stored::Float};
    return args;
  };
  const std::vector<Integers> strides{{1}, {1}, {1}, {0}};
  const float quarter = static_cast<float>(kNoFloat) / 4;
  EXPECT_EQ(run<float>(with(5), Stored::Float, {6}, strides),
            (std::vector<float>{1.25F, quarter, 1.5F, -0.75F, 19.0F, 1.75F}));
  EXPECT_EQ(run<std::uint8_t>(with(7), Stored::Bool, {6}, strides),
            (std::vector<std::uint8_t>{0, 1, 1, 0, 1, 1}));
}

// Trilu, EyeLike, OneHot and Range are comparisons and sums of places.
TEST(Places, AreWhatTheStridesSay) {
  const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const std::int64_t diagonal = 1;
  const float zero = 0.0F;
  const ChainStep upper[] = {{ChainOp::GreaterOrEqual, 0, 1}, {ChainOp::Where, kStep, 2, 3}};
  ChainArgs args = integer_chain(upper);
  args.inputs[0] = {nullptr, Stored::Place};
  args.inputs[1] = {&diagonal, Stored::Int64};
  args.inputs[2] = {x.data(), Stored::Float};
  args.inputs[3] = {&zero, Stored::Float};
  EXPECT_EQ(run<float>(args, Stored::Float, {3, 4}, {{-1, 1}, {0, 0}, {4, 1}, {0, 0}}),
            (std::vector<float>{0, 2, 3, 4, 0, 0, 7, 8, 0, 0, 0, 12}));
}

TEST(Places, MakeOneHotsAndRanges) {
  const std::vector<std::int32_t> indices{2, -1, 0, 3};
  const std::int64_t depth = 3;
  const std::int64_t zero = 0;
  const ChainStep steps[] = {{ChainOp::Less, 0, 3},
                             {ChainOp::Add, 0, 1},
                             {ChainOp::Where, kStep, kStep + 1, 0},
                             {ChainOp::Equal, kStep + 2, 2}};
  ChainArgs args = integer_chain(steps);
  args.inputs[3] = {&zero, Stored::Int64};
  args.inputs[0] = {indices.data(), Stored::Int32};
  args.inputs[1] = {&depth, Stored::Int64};
  args.inputs[2] = {nullptr, Stored::Place};
  EXPECT_EQ(run<std::uint8_t>(args, Stored::Bool, {4, 3}, {{1, 0}, {0, 0}, {0, 1}, {0, 0}}),
            (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0}));

  const float start = 0.5F;
  const float step = -0.25F;
  const ChainStep range[] = {{ChainOp::Mul, 0, 1}, {ChainOp::Add, kStep, 2}};
  ChainArgs floats;
  ASSERT_TRUE(compile_chain(range, floats));
  floats.inputs[0] = {nullptr, Stored::Place};
  floats.inputs[1] = {&step, Stored::Float};
  floats.inputs[2] = {&start, Stored::Float};
  EXPECT_EQ(run<float>(floats, Stored::Float, {5}, {{1}, {0}, {0}}),
            (std::vector<float>{0.5F, 0.25F, 0.0F, -0.25F, -0.5F}));
}

}  // namespace
}  // namespace braid::cuda
