#include "kernels/cuda/reduce.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <string_view>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  std::vector<std::int64_t> dims;
  unsigned reduced;  // bit i: dim i
  const char* kernel;
  Element element = Element::Float;
};

double reduce(Reduction reduction, const std::vector<double>& values) {
  double sum = 0.0;
  double squares = 0.0;
  double sizes = 0.0;
  double product = 1.0;
  double exponentials = 0.0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
    sizes += std::fabs(value);
    product *= value;
    exponentials += std::exp(value);
  }
  switch (reduction) {
    case Reduction::Sum:
      return sum;
    case Reduction::Mean:
      return sum / static_cast<double>(values.size());
    case Reduction::Max:
      return *std::ranges::max_element(values);
    case Reduction::Min:
      return *std::ranges::min_element(values);
    case Reduction::Prod:
      return product;
    case Reduction::SumSquare:
      return squares;
    case Reduction::L1:
      return sizes;
    case Reduction::L2:
      return std::sqrt(squares);
    case Reduction::LogSum:
      return std::log(sum);
    case Reduction::LogSumExp:
      return std::log(exponentials);
  }
  return 0.0;
}

class ReduceTest : public testing::TestWithParam<Case> {};

TEST_P(ReduceTest, AgreesWithDoublePrecision) {
  const Case& c = GetParam();
  bool is_reduced[8] = {};
  std::size_t count = 1;
  std::size_t results = 1;
  for (std::size_t i = 0; i < c.dims.size(); ++i) {
    is_reduced[i] = (c.reduced >> i & 1) != 0;
    count *= static_cast<std::size_t>(c.dims[i]);
    if (!is_reduced[i]) results *= static_cast<std::size_t>(c.dims[i]);
  }
  Values x = Values::random(c.element, count, 1);
  for (std::size_t i = 0; i < count; ++i)
    x.set(i, static_cast<float>(x[i] + 1.125));  // for the logarithm of sums
  std::vector<std::vector<double>> parts(results);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t result = 0;
    std::size_t rest = i;
    std::size_t stride = 1;
    for (std::size_t dim = c.dims.size(); dim-- > 0;) {
      const auto size = static_cast<std::size_t>(c.dims[dim]);
      if (!is_reduced[dim]) {
        result += rest % size * stride;
        stride *= size;
      }
      rest /= size;
    }
    parts[result].push_back(x[i]);
  }
  Values y(c.element, results);
  ReduceArgs args;
  args.x = x.data();
  args.y = y.data();
  ASSERT_TRUE(shape_reduction(c.dims, std::span(is_reduced, c.dims.size()), args));
  const Launch launch = launch_reduce(args, c.element);
  EXPECT_TRUE(std::string_view(launch.kernel).starts_with(c.kernel)) << launch.kernel;
  for (int i = 0; i <= static_cast<int>(Reduction::LogSumExp); ++i) {
    args.reduction = static_cast<Reduction>(i);
    if (args.reduction == Reduction::Prod && parts[0].size() > 100) continue;  // overflows
    std::vector<double> expected;
    for (const std::vector<double>& part : parts)
      expected.push_back(reduce(args.reduction, part));
    y.poison();
    emulator::launch(launch, &args, kSchedules[i % 5]);
    const double length = static_cast<double>(parts[0].size());
    expect_close(y, expected, 2 * length * 0x1p-24 + 2 * rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ReduceTest,
    testing::Values(Case{"one", {1}, 1, "reduce_thread"}, Case{"rows", {9, 33}, 2, "reduce_warp"},
                    Case{"columns", {33, 37}, 1, "reduce_thread"},
                    Case{"all", {5, 7, 3}, 7, "reduce_warp"},
                    Case{"block", {2, 1030}, 2, "reduce_block"},
                    Case{"middle", {3, 49, 35}, 2, "reduce_thread"},
                    Case{"outer_and_inner", {6, 5, 7}, 5, "reduce_warp"},
                    Case{"pixels", {2, 3, 4, 5, 6}, 12, "reduce_thread"},
                    Case{"mixed", {2, 3, 4, 5}, 10, "reduce_warp"},
                    Case{"half", {9, 64}, 2, "reduce_warp", Element::Half},
                    Case{"bfloat", {40, 33}, 1, "reduce_thread", Element::BFloat16}),
    name_of<Case>);

TEST(Reduce, KeepsWhatIsNoNumber) {
  const Values x(Element::Float, std::vector<double>{1, NAN, 3});
  Values y(Element::Float, 1);
  ReduceArgs args;
  args.x = x.data();
  args.y = y.data();
  const bool is_reduced = true;
  ASSERT_TRUE(shape_reduction(std::vector<std::int64_t>{3}, {&is_reduced, 1}, args));
  for (const Reduction reduction : {Reduction::Max, Reduction::Min, Reduction::Sum}) {
    args.reduction = reduction;
    y.set(0, 0.0F);
    emulator::launch(launch_reduce(args, Element::Float), &args);
    EXPECT_TRUE(std::isnan(y[0]));
  }
}

TEST(Reduce, SaysWhatHasTooManyAxes) {
  ReduceArgs args;
  const bool is_reduced[] = {true, false, true, false, true, false, true, false, true, false};
  const std::vector<std::int64_t> dims(10, 2);
  EXPECT_FALSE(shape_reduction(dims, is_reduced, args));
}

// Through all three kernels: a thread, a warp and a block per result.
TEST(ReduceIntegers, IsExact) {
  struct Shape {
    std::vector<std::int64_t> dims;
    const char* kernel;
  };
  for (const Shape& shape : {Shape{{3, 4}, "reduce_thread"}, Shape{{5, 33}, "reduce_warp"},
                             Shape{{2, 1300}, "reduce_block"}}) {
    const auto length = static_cast<std::size_t>(shape.dims[1]);
    std::vector<std::int64_t> x(static_cast<std::size_t>(shape.dims[0]) * length);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = (std::int64_t{1} << 53) * (i % 2 == 0 ? 1 : -1) + static_cast<std::int64_t>(i * i);
    const auto expect = [&](Reduction reduction, const auto& expected_of) {
      std::vector<std::int64_t> y(static_cast<std::size_t>(shape.dims[0]), -7);
      ReduceArgs args;
      args.x = x.data();
      args.y = y.data();
      args.reduction = reduction;
      const bool is_reduced[] = {false, true};
      ASSERT_TRUE(shape_reduction(shape.dims, is_reduced, args));
      const Launch launch = launch_reduce(args, Stored::Int64);
      EXPECT_TRUE(std::string_view(launch.kernel).starts_with(shape.kernel)) << launch.kernel;
      emulator::launch(launch, &args, kSchedules[2]);
      for (std::size_t row = 0; row < y.size(); ++row) {
        const auto begin = x.begin() + static_cast<std::ptrdiff_t>(row * length);
        EXPECT_EQ(y[row], expected_of(std::vector(begin, begin + shape.dims[1])));
      }
    };
    using Row = std::vector<std::int64_t>;
    const auto sum = [](const Row& row) {
      std::int64_t total = 0;
      for (const std::int64_t value : row)
        total += value;
      return total;
    };
    expect(Reduction::Sum, sum);
    expect(Reduction::Mean,
           [&](const Row& row) { return sum(row) / static_cast<std::int64_t>(row.size()); });
    expect(Reduction::Max, [](const Row& row) { return *std::ranges::max_element(row); });
    expect(Reduction::Min, [](const Row& row) { return *std::ranges::min_element(row); });
  }
}

TEST(ReduceIntegers, TakesBytesAndWrapsAround) {
  const std::vector<std::uint8_t> x{200, 100, 0, 1, 1, 1, 1, 1};
  const auto reduce_bytes = [&](Reduction reduction, Stored stored) {
    std::vector<std::uint8_t> y(1, 99);
    ReduceArgs args;
    args.x = x.data();
    args.y = y.data();
    args.reduction = reduction;
    const bool is_reduced[] = {true};
    EXPECT_TRUE(shape_reduction(std::vector<std::int64_t>{8}, is_reduced, args));
    emulator::launch(launch_reduce(args, stored), &args);
    return int{y[0]};
  };
  EXPECT_EQ(reduce_bytes(Reduction::Sum, Stored::UInt8), 305 - 256);
  EXPECT_EQ(reduce_bytes(Reduction::Max, Stored::UInt8), 200);
  EXPECT_EQ(reduce_bytes(Reduction::Max, Stored::Int8), 100);
  EXPECT_EQ(reduce_bytes(Reduction::Min, Stored::Bool), 0);
  EXPECT_THROW(reduce_bytes(Reduction::LogSum, Stored::UInt8), std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
