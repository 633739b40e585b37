#include "kernels/cuda/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int outer, length, inner, k;
  bool is_largest = true;
  Element element = Element::Float;
};

class TopKTest : public testing::TestWithParam<Case> {};

// Many elements are equal, some are no numbers.
Values coarse(Element element, std::size_t count) {
  Values x = Values::random(element, count, 3);
  for (std::size_t i = 0; i < count; ++i)
    x.set(i, static_cast<float>(std::nearbyint(8 * x[i])));
  for (std::size_t i = 5; i < count; i += 41)
    x.set(i, NAN);
  return x;
}

TEST_P(TopKTest, AgreesWithASort) {
  const Case& c = GetParam();
  const auto row_size = static_cast<std::size_t>(c.length);
  const auto rows = static_cast<std::size_t>(c.outer * c.inner);
  const Values x = coarse(c.element, rows * row_size);
  const std::size_t count = rows * static_cast<std::size_t>(c.k);
  Values values(c.element, count);
  std::vector<std::int64_t> indices(count, -1);
  SelectionArgs args{x.data(), values.data(), indices.data(), c.outer, c.length,
                     c.inner,  c.k,           c.is_largest,   false};
  for (const emulator::Schedule schedule : kSchedules) {
    values.poison();
    emulator::launch(launch_top_k(args, c.element), &args, schedule);
    for (int row = 0; row < c.outer * c.inner; ++row) {
      const auto at = [&](std::int64_t i, int length) {
        return static_cast<std::size_t>((row / c.inner * length + i) * c.inner + row % c.inner);
      };
      const auto key = [&](std::int64_t i) {
        const double value = x[at(i, c.length)];
        const double size = std::isnan(value) ? INFINITY : value;
        return c.is_largest ? -size : size;
      };
      std::vector<std::int64_t> order(row_size);
      std::iota(order.begin(), order.end(), 0);
      std::ranges::stable_sort(order, {}, key);
      for (int i = 0; i < c.k; ++i) {
        const std::int64_t chosen = order[static_cast<std::size_t>(i)];
        ASSERT_EQ(indices[at(i, c.k)], chosen);
        const double value = values[at(i, c.k)];
        const double expected = x[at(chosen, c.length)];
        ASSERT_TRUE(value == expected || (std::isnan(value) && std::isnan(expected)));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, TopKTest,
    testing::Values(Case{"one", 1, 1, 1, 1}, Case{"rows", 3, 33, 1, 5},
                    Case{"smallest", 2, 300, 1, 7, false}, Case{"all", 2, 20, 3, 20},
                    Case{"columns_half", 2, 40, 5, 3, true, Element::Half},
                    Case{"smallest_bfloat", 1, 50, 2, 50, false, Element::BFloat16}),
    name_of<Case>);

TEST(ArgExtremum, FindsTheFirstOrTheLast) {
  const Values x(Element::Float, std::vector<double>{-1, 4, -0.0, 4, 0.0, -1});
  std::int64_t index = -1;
  SelectionArgs args{x.data(), nullptr, &index, 1, 6, 1, 1, true, false};
  const auto find = [&](bool is_largest, bool prefers_last) {
    args.is_largest = is_largest;
    args.prefers_last = prefers_last;
    emulator::launch(launch_arg_extremum(args, Element::Float), &args);
    return index;
  };
  EXPECT_EQ(find(true, false), 1);
  EXPECT_EQ(find(true, true), 3);
  EXPECT_EQ(find(false, false), 0);
  EXPECT_EQ(find(false, true), 5);
}

TEST(ArgExtremum, FindsWhatIsNoNumber) {
  Values x = Values::random(Element::Half, 2 * 70 * 3, 1);
  for (const std::size_t at : {0U, 4U, 100U, 209U, 300U, 305U})
    x.set(at, NAN);
  for (const bool is_largest : {true, false}) {
    std::vector<std::int64_t> indices(6, -1);
    SelectionArgs args{x.data(), nullptr, indices.data(), 2, 70, 3, 1, is_largest, false};
    emulator::launch(launch_arg_extremum(args, Element::Half), &args);
    EXPECT_EQ(indices[0], 0);
    EXPECT_EQ(indices[1], 1);
    EXPECT_EQ(indices[2], 69);
    EXPECT_EQ(indices[3], 30);
    for (const std::size_t i : {4U, 5U}) {
      const auto at = [&](std::int64_t l) { return 210 + static_cast<std::size_t>(l) * 3 + i - 3; };
      std::int64_t best = 0;
      for (std::int64_t l = 0; l < 70 && !std::isnan(x[at(best)]); ++l)
        if (std::isnan(x[at(l)]) || (is_largest ? x[at(l)] > x[at(best)] : x[at(l)] < x[at(best)]))
          best = l;
      EXPECT_EQ(indices[i], best);
    }
  }
}

// Numbers that no double tells apart, and the ends of the range.
TEST(SelectionOfIntegers, ComparesAllBits) {
  constexpr std::int64_t kBig = std::int64_t{1} << 60;
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> x{kMost, kBig, kBig + 1, kLeast, -1, kMost, 0};
  const auto choose = [&](int k, bool is_largest) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(k), -7);
    std::vector<std::int64_t> indices(values);
    SelectionArgs args{x.data(), values.data(), indices.data(), 1, 7, 1, k, is_largest, false};
    emulator::launch(launch_top_k(args, Stored::Int64), &args);
    for (std::size_t i = 0; i < indices.size(); ++i)
      EXPECT_EQ(values[i], x[static_cast<std::size_t>(indices[i])]);
    return indices;
  };
  using Indices = std::vector<std::int64_t>;
  EXPECT_EQ(choose(7, true), (Indices{0, 5, 2, 1, 6, 4, 3}));
  EXPECT_EQ(choose(7, false), (Indices{3, 4, 6, 1, 2, 0, 5}));
}

TEST(SelectionOfIntegers, FindsTheFirstOrTheLast) {
  const std::vector<std::int32_t> x{3, 9, -4, 9, -4, 0};
  std::int64_t index = -1;
  const auto find = [&](bool is_largest, bool prefers_last) {
    SelectionArgs args{x.data(), nullptr, &index, 1, 6, 1, 1, is_largest, prefers_last};
    emulator::launch(launch_arg_extremum(args, Stored::Int32), &args);
    return index;
  };
  EXPECT_EQ(find(true, false), 1);
  EXPECT_EQ(find(true, true), 3);
  EXPECT_EQ(find(false, false), 2);
  EXPECT_EQ(find(false, true), 4);
}

}  // namespace
}  // namespace braid::cuda
