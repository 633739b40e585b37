#include "kernels/cuda/reverse_sequence.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int outer, batch, middle, steps, inner;
  bool is_time_first;
};

class ReverseSequenceTest : public testing::TestWithParam<Case> {};

TEST_P(ReverseSequenceTest, ReversesWhatIsInTheLength) {
  const Case& c = GetParam();
  std::vector<std::int32_t> lengths;
  for (int i = 0; i < c.batch; ++i)
    lengths.push_back(i * 5 % (c.steps + 1));
  ReverseSequenceArgs args;
  args.is_time_first = c.is_time_first;
  args.is_wide = false;
  args.lengths = lengths.data();
  args.outer = c.outer;
  args.first = c.is_time_first ? c.steps : c.batch;
  args.middle = c.middle;
  args.second = c.is_time_first ? c.batch : c.steps;
  args.inner = c.inner;
  args.width = 2;
  const auto at = [&](int outer, int batch, int middle, int step, int inner) {
    const int first = c.is_time_first ? step : batch;
    const int second = c.is_time_first ? batch : step;
    return static_cast<std::size_t>(
        (((outer * args.first + first) * c.middle + middle) * args.second + second) * c.inner +
        inner);
  };
  std::vector<std::int16_t> x(
      static_cast<std::size_t>(c.outer * c.batch * c.middle * c.steps * c.inner));
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<std::int16_t>(i);
  std::vector<std::int16_t> expected(x.size());
  for (int o = 0; o < c.outer; ++o)
    for (int b = 0; b < c.batch; ++b)
      for (int m = 0; m < c.middle; ++m)
        for (int t = 0; t < c.steps; ++t)
          for (int i = 0; i < c.inner; ++i) {
            const int length = lengths[static_cast<std::size_t>(b)];
            expected[at(o, b, m, t, i)] = x[at(o, b, m, t < length ? length - 1 - t : t, i)];
          }
  args.from = x.data();
  for (const emulator::Schedule schedule : kSchedules) {
    std::vector<std::int16_t> y(x.size(), -1);
    args.to = y.data();
    emulator::launch(launch_reverse_sequence(args), &args, schedule);
    EXPECT_EQ(y, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ReverseSequenceTest,
                         testing::Values(Case{"one", 1, 1, 1, 1, 1, true},
                                         Case{"time_first", 2, 3, 1, 7, 5, true},
                                         Case{"batch_first", 1, 4, 3, 33, 2, false}),
                         name_of<Case>);

TEST(ReverseSequence, ReportsALengthOutOfRange) {
  const std::vector<float> x{1, 2, 3};
  std::vector<float> y(3, -1);
  const std::int64_t length = 4;
  int bad = 0;
  ReverseSequenceArgs args;
  args.from = x.data();
  args.to = y.data();
  args.lengths = &length;
  args.bad = &bad;
  args.first = 3;
  emulator::launch(launch_reverse_sequence(args), &args);
  EXPECT_EQ(y, x);
  EXPECT_EQ(bad, 1);
}

}  // namespace
}  // namespace braid::cuda
