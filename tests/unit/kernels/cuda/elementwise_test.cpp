#include "kernels/cuda/elementwise.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

constexpr int kStep = kChainInputs;  // the result of step i is kStep + i

void run(const ChainArgs& args, Values& y, const std::vector<double>& expected, double tolerance) {
  const Launch launch = launch_chain(args);
  for (const emulator::Schedule schedule : kSchedules) {
    y.poison();
    emulator::launch(launch, &args, schedule);
    expect_close(y, expected, tolerance);
  }
}

ChainArgs args_for(std::span<const ChainStep> steps, Values& y) {
  ChainArgs args;
  EXPECT_TRUE(compile_chain(steps, args));
  args.y = y.data();
  args.stored = static_cast<Stored>(y.element());
  return args;
}

void set_input(ChainArgs& args, int index, const Values& values) {
  args.inputs[index].data = values.data();
  args.inputs[index].stored = static_cast<Stored>(values.element());
}

struct Function {
  const char* name;
  ChainOp op;
  std::function<double(double)> expected;
  float a = 0.0F;
  float b = 0.0F;
};

double sigmoid_of(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}
double softplus_of(double x) {
  return std::log1p(std::exp(x));
}
double elu_of(double x, double a) {
  return x < 0 ? a * std::expm1(x) : x;
}

// A number that the operator is defined for, from one in [-1, 1].
double in_domain(ChainOp op, double x) {
  switch (op) {
    case ChainOp::Log:
    case ChainOp::Sqrt:
      return std::fabs(x) + 0.01;
    case ChainOp::Acosh:
      return std::fabs(x) + 1.01;
    case ChainOp::Tan:
    case ChainOp::Asin:
    case ChainOp::Acos:
    case ChainOp::Atanh:
      return 0.95 * x;
    default:
      return 4 * x;
  }
}

class ChainFunctionTest : public testing::TestWithParam<Function> {};

TEST_P(ChainFunctionTest, AgreesWithDoublePrecision) {
  const Function& f = GetParam();
  for (const std::size_t count : {1, 33, 516, 1030}) {
    Values x = Values::random(Element::Float, count, 5);
    for (std::size_t i = 0; i < count; ++i) {
      x.set(i, static_cast<float>(in_domain(f.op, x[i])));
    }
    std::vector<double> expected;
    for (std::size_t i = 0; i < count; ++i)
      expected.push_back(f.expected(x[i]));
    Values y(Element::Float, count);
    const ChainStep step{f.op, 0, -1, -1, f.a, f.b};
    ChainArgs args = args_for({&step, 1}, y);
    set_input(args, 0, x);
    const std::vector<std::int64_t> strides{1};
    ASSERT_TRUE(shape_chain(std::vector{static_cast<std::int64_t>(count)}, {&strides, 1}, args));
    run(args, y, expected, 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Operators, ChainFunctionTest,
    testing::Values(
        Function{"neg", ChainOp::Neg, [](double x) { return -x; }},
        Function{"abs", ChainOp::Abs, [](double x) { return std::fabs(x); }},
        Function{"sign", ChainOp::Sign, [](double x) { return x > 0 ? 1.0 : -1.0; }},
        Function{"relu", ChainOp::Relu, [](double x) { return std::fmax(x, 0); }},
        Function{"square", ChainOp::Square, [](double x) { return x * x; }},
        Function{"affine", ChainOp::Affine, [](double x) { return 2 * x - 0.5; }, 2.0F, -0.5F},
        Function{"clip", ChainOp::Clip, [](double x) { return std::fmin(std::fmax(x, -1), 2); },
                 -1.0F, 2.0F},
        Function{"leaky_relu", ChainOp::LeakyRelu, [](double x) { return x < 0 ? x / 4 : x; },
                 0.25F},
        Function{"elu", ChainOp::Elu, [](double x) { return elu_of(x, 0.5); }, 0.5F},
        Function{"celu", ChainOp::Celu,
                 [](double x) { return x < 0 ? 0.5 * std::expm1(x / 0.5) : x; }, 0.5F},
        Function{"selu", ChainOp::Selu, [](double x) { return 1.25 * elu_of(x, 1.5); }, 1.5F,
                 1.25F},
        Function{"hard_sigmoid", ChainOp::HardSigmoid,
                 [](double x) { return std::fmin(std::fmax(0.25 * x + 0.5, 0), 1); }, 0.25F, 0.5F},
        Function{"hard_swish", ChainOp::HardSwish,
                 [](double x) { return x * std::fmin(std::fmax(x / 6 + 0.5, 0), 1); }},
        Function{"thresholded_relu", ChainOp::ThresholdedRelu,
                 [](double x) { return x > 0.5 ? x : 0; }, 0.5F},
        Function{"swish", ChainOp::Swish, [](double x) { return x * sigmoid_of(1.5 * x); }, 1.5F},
        Function{"gelu", ChainOp::Gelu,
                 [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }},
        Function{"gelu_tanh", ChainOp::GeluTanh,
                 [](double x) {
                   const double inner = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
                   return 0.5 * x * (1 + std::tanh(inner));
                 }},
        Function{"mish", ChainOp::Mish, [](double x) { return x * std::tanh(softplus_of(x)); }},
        Function{"softplus", ChainOp::Softplus, softplus_of},
        Function{"softsign", ChainOp::Softsign, [](double x) { return x / (1 + std::fabs(x)); }},
        Function{"sigmoid", ChainOp::Sigmoid, sigmoid_of},
        Function{"tanh", ChainOp::Tanh, [](double x) { return std::tanh(x); }},
        Function{"exp", ChainOp::Exp, [](double x) { return std::exp(x); }},
        Function{"log", ChainOp::Log, [](double x) { return std::log(x); }},
        Function{"sqrt", ChainOp::Sqrt, [](double x) { return std::sqrt(x); }},
        Function{"reciprocal", ChainOp::Reciprocal, [](double x) { return 1 / x; }},
        Function{"erf", ChainOp::Erf, [](double x) { return std::erf(x); }},
        Function{"sin", ChainOp::Sin, [](double x) { return std::sin(x); }},
        Function{"cos", ChainOp::Cos, [](double x) { return std::cos(x); }},
        Function{"floor", ChainOp::Floor, [](double x) { return std::floor(x); }},
        Function{"ceil", ChainOp::Ceil, [](double x) { return std::ceil(x); }},
        Function{"round", ChainOp::Round, [](double x) { return std::nearbyint(x); }},
        Function{"tan", ChainOp::Tan, [](double x) { return std::tan(x); }},
        Function{"atan", ChainOp::Atan, [](double x) { return std::atan(x); }},
        Function{"asin", ChainOp::Asin, [](double x) { return std::asin(x); }},
        Function{"acos", ChainOp::Acos, [](double x) { return std::acos(x); }},
        Function{"sinh", ChainOp::Sinh, [](double x) { return std::sinh(x); }},
        Function{"cosh", ChainOp::Cosh, [](double x) { return std::cosh(x); }},
        Function{"asinh", ChainOp::Asinh, [](double x) { return std::asinh(x); }},
        Function{"acosh", ChainOp::Acosh, [](double x) { return std::acosh(x); }},
        Function{"atanh", ChainOp::Atanh, [](double x) { return std::atanh(x); }},
        Function{"shrink", ChainOp::Shrink,
                 [](double x) { return x < -1.5  ? x + 0.5
                                       : x > 1.5 ? x - 0.5
                                                 : 0; }, 1.5F, 0.5F}),
    name_of<Function>);

// The largest numbers of the types; what is infinite already, and NaN, stays.
TEST(ChainTest, KeepsFiniteWhatIsFinite) {
  const std::vector<double> numbers = {-2, 3e38, -3.4e38, INFINITY, -INFINITY, NAN};
  const std::vector<std::int64_t> strides{1};
  const std::vector<std::int64_t> dims{static_cast<std::int64_t>(numbers.size())};
  for (const auto& [element, largest] :
       {std::pair{Element::Half, 65504.0}, std::pair{Element::BFloat16, 0x1.FEp127}}) {
    const Values x(Element::Float, numbers);
    for (const bool keeps : {true, false}) {
      Values y(element, numbers.size());
      const ChainStep step{keeps ? ChainOp::KeepFinite : ChainOp::Load, 0, -1, -1,
                           static_cast<float>(largest)};
      ChainArgs args = args_for({&step, 1}, y);
      set_input(args, 0, x);
      ASSERT_TRUE(shape_chain(dims, {&strides, 1}, args));
      emulator::launch(launch_chain(args), &args);
      EXPECT_EQ(y[0], -2);
      EXPECT_EQ(y[2], keeps ? -largest : -INFINITY);
      EXPECT_EQ(y[3], INFINITY);
      EXPECT_EQ(y[4], -INFINITY);
      EXPECT_TRUE(std::isnan(y[5]));
    }
  }
}

// (x - m) * s + r, then 1 / (1 + |.|) of it, with a row, a column and a scalar that are broadcast.
class BroadcastChainTest : public testing::TestWithParam<int> {};

TEST_P(BroadcastChainTest, AgreesWithDoublePrecision) {
  const std::int64_t columns = GetParam();
  const std::int64_t rows = 5;
  const auto count = static_cast<std::size_t>(2 * rows * columns);
  const Values x = Values::random(Element::Half, count, 1);
  const Values row = Values::random(Element::Float, static_cast<std::size_t>(2 * columns), 2);
  const Values column = Values::random(Element::BFloat16, static_cast<std::size_t>(rows), 3);
  const Values scalar(Element::Float, std::vector<double>{0.75});
  const ChainStep steps[] = {{ChainOp::Sub, 0, 1},
                             {ChainOp::Mul, 2, kStep},
                             {ChainOp::Add, kStep + 1, 3},
                             {ChainOp::Abs, kStep + 2},
                             {ChainOp::Affine, kStep + 3, -1, -1, 1.0F, 1.0F},
                             {ChainOp::Div, kStep + 2, kStep + 4},
                             {ChainOp::Less, kStep + 5, 3},
                             {ChainOp::Where, kStep + 6, kStep + 5, 0}};
  Values y(Element::Float, count);
  ChainArgs args = args_for(steps, y);
  set_input(args, 0, x);
  set_input(args, 1, row);
  set_input(args, 2, column);
  set_input(args, 3, scalar);
  const std::vector<std::vector<std::int64_t>> strides{
      {rows * columns, columns, 1}, {columns, 0, 1}, {0, 1, 0}, {0, 0, 0}};
  ASSERT_TRUE(shape_chain(std::vector<std::int64_t>{2, rows, columns}, strides, args));
  std::vector<double> expected;
  for (std::int64_t m = 0; m < 2; ++m)
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c) {
        const auto at = static_cast<std::size_t>((m * rows + r) * columns + c);
        const double sum = (x[at] - row[static_cast<std::size_t>(m * columns + c)]) *
                               column[static_cast<std::size_t>(r)] +
                           0.75;
        const double value = sum / (1 + std::fabs(sum));
        expected.push_back(value < 0.75 ? value : x[at]);
      }
  run(args, y, expected, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Columns, BroadcastChainTest, testing::Values(1, 3, 4, 33, 64));

TEST(Chain, KeepsInTheAccumulatorWhatIsNeededNext) {
  ChainArgs args;
  const ChainStep steps[] = {
      {ChainOp::Mul, 0, 1}, {ChainOp::Sub, 2, kStep}, {ChainOp::Relu, kStep + 1}};
  ASSERT_TRUE(compile_chain(steps, args));
  EXPECT_EQ(args.registers, 0);
  EXPECT_EQ(args.instructions, 4);  // Load, Mul, Sub reversed, Relu
  EXPECT_TRUE(args.program[2].is_reversed);
}

TEST(Chain, SaysWhatDoesNotFit) {
  ChainArgs args;
  std::vector<ChainStep> steps(kChainRegisters + 1, ChainStep{ChainOp::Exp, 0});
  for (int i = 0; i <= kChainRegisters; ++i)
    steps.push_back({ChainOp::Add, kStep + i, 1});
  EXPECT_FALSE(compile_chain(steps, args));
  const std::vector<std::int64_t> dims(kChainAxes + 1, 2);
  std::vector<std::int64_t> strides(dims.size(), 0);
  for (std::size_t i = 0; i < strides.size(); i += 2)
    strides[i] = 1;
  EXPECT_FALSE(shape_chain(dims, {&strides, 1}, args));
}

TEST(FastDivisor, DividesExactly) {
  for (const int divisor : {1, 2, 3, 7, 32, 33, 641, 65536, 1000003, 2147483647}) {
    const FastDivisor fast = fast_divisor(divisor);
    for (const int number : {0, 1, 2, 31, 640, 641, 65535, 999999999, 2147483646, 2147483647}) {
      const auto high = static_cast<unsigned>(
          (std::uint64_t{static_cast<unsigned>(number)} * fast.multiplier) >> 32);
      EXPECT_EQ((high + static_cast<unsigned>(number)) >> fast.shift,
                static_cast<unsigned>(number / divisor));
    }
  }
}

}  // namespace
}  // namespace braid::cuda
