#include "kernels/cuda/copy.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes numbered(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

struct Case {
  const char* name;
  std::vector<CopyAxis> axes;
  int width = 4;
  const char* kernel = nullptr;
  std::int64_t from_offset = 0;  // in elements
};

void copy_plainly(const std::vector<CopyAxis>& axes, std::size_t axis, const std::uint8_t* from,
                  std::uint8_t* to, int width) {
  if (axis == axes.size()) {
    std::memcpy(to, from, static_cast<std::size_t>(width));
    return;
  }
  for (std::int64_t i = 0; i < axes[axis].size; ++i)
    copy_plainly(axes, axis + 1, from + i * axes[axis].from * width, to + i * axes[axis].to * width,
                 width);
}

class CopyTest : public testing::TestWithParam<Case> {};

TEST_P(CopyTest, MovesEachElement) {
  const Case& c = GetParam();
  std::int64_t from_size = 1 + c.from_offset;
  std::int64_t to_size = 1;
  for (const CopyAxis& axis : c.axes) {
    from_size += std::max<std::int64_t>(0, (axis.size - 1) * axis.from);
    to_size += (axis.size - 1) * axis.to;
  }
  const Bytes from = numbered(static_cast<std::size_t>(from_size * c.width));
  Bytes expected(static_cast<std::size_t>(to_size * c.width), 0xFF);
  const std::uint8_t* const start = from.data() + c.from_offset * c.width;
  copy_plainly(c.axes, 0, start, expected.data(), c.width);
  Bytes to(expected.size());
  const auto args = make_copy(start, to.data(), c.axes, c.width);
  ASSERT_TRUE(args.has_value());
  const Launch launch = launch_copy(*args);
  EXPECT_STREQ(launch.kernel, c.kernel);
  for (const emulator::Schedule schedule : kSchedules) {
    std::ranges::fill(to, 0xFF);
    emulator::launch(launch, &*args, schedule);
    ASSERT_EQ(to, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, CopyTest,
    testing::Values(
        Case{"single", {}, 4, "copy_4"}, Case{"plain", {{33, 1, 1}}, 4, "copy_4"},
        Case{"wide", {{5, 64, 64}, {64, 1, 1}}, 2, "copy_16"},
        Case{"slice", {{5, 40, 8}, {8, 1, 1}}, 4, "copy_16", 4},
        Case{"slice_odd", {{5, 40, 7}, {7, 1, 1}}, 4, "copy_4", 3},
        Case{"slice_even", {{5, 40, 6}, {6, 1, 1}}, 4, "copy_8", 2},
        Case{"concat", {{4, 12, 36}, {12, 1, 1}}, 1, "copy_4"},
        Case{"transpose", {{33, 1, 40}, {40, 33, 1}}, 4, "copy_tiled_4"},
        Case{"transpose_bytes",
             {{3, 33 * 70, 33 * 70}, {33, 1, 70}, {70, 33, 1}},
             1,
             "copy_tiled_1"},
        Case{"transpose_inside", {{5, 9, 9 * 65}, {9, 1, 65}, {65, 45, 1}}, 8, "copy_tiled_8"},
        Case{"transpose_pairs", {{3, 2, 14}, {7, 6, 2}, {2, 1, 1}}, 4, "copy_8"},
        Case{"transpose_heads", {{3, 1, 2}, {2, 3, 1}}, 2, "copy_2"},
        Case{"expand", {{6, 0, 5}, {5, 1, 1}}, 4, "copy_4"},
        Case{"backwards", {{6, -5, 5}, {5, 1, 1}}, 4, "copy_4", 25},
        Case{"steps", {{4, 30, 5}, {5, 3, 1}}, 2, "copy_2"},
        Case{"none", {{0, 1, 1}, {3, 1, 1}}, 4, "copy_4"}),
    name_of<Case>);

TEST(Copy, SaysWhatHasTooManyAxes) {
  std::vector<CopyAxis> axes;
  for (std::int64_t i = 0; i <= kCopyAxes; ++i)
    axes.push_back({2, 3 << (2 * i), 1 << i});
  int value = 0;
  EXPECT_FALSE(make_copy(&value, &value, axes, 4).has_value());
}

class PadTest : public testing::TestWithParam<PadMode> {};

// What the definition of each mode says, one step at a time.
std::int64_t walk(PadMode mode, std::int64_t index, std::int64_t size) {
  while (index < 0 || index >= size) {
    if (mode == PadMode::Edge) return index < 0 ? 0 : size - 1;
    if (mode == PadMode::Wrap) index += index < 0 ? size : -size;
    if (mode == PadMode::Reflect) index = index < 0 ? -index : 2 * (size - 1) - index;
  }
  return index;
}

TEST_P(PadTest, PadsAndTrims) {
  const PadMode mode = GetParam();
  const std::vector<std::uint32_t> from{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};  // [3, 4]
  const int sizes[] = {3, 4};
  const int before[] = {-1, 5};
  const int padded[] = {4, 13};
  std::vector<std::uint32_t> expected;
  for (int r = 0; r < padded[0]; ++r)
    for (int c = 0; c < padded[1]; ++c) {
      const std::int64_t row = r - before[0];
      const std::int64_t column = c - before[1];
      const bool is_inside = row >= 0 && row < sizes[0] && column >= 0 && column < sizes[1];
      if (mode == PadMode::Constant && !is_inside) {
        expected.push_back(99);
        continue;
      }
      expected.push_back(
          from[static_cast<std::size_t>(walk(mode, row, 3) * 4 + walk(mode, column, 4))]);
    }
  std::vector<std::uint32_t> to(expected.size(), 0xFFFFFFFF);
  PadArgs args;
  args.from = from.data();
  args.to = to.data();
  args.count = static_cast<int>(to.size());
  args.axes = 2;
  args.width = 4;
  args.value = 99;
  args.mode = mode;
  for (int axis = 0; axis < 2; ++axis) {
    args.sizes[axis] = fast_divisor(padded[1 - axis]);
    args.before[axis] = before[1 - axis];
    args.from_sizes[axis] = sizes[1 - axis];
    args.from_strides[axis] = axis == 0 ? 1 : 4;
  }
  emulator::launch(launch_pad(args), &args);
  EXPECT_EQ(to, expected);
}

INSTANTIATE_TEST_SUITE_P(Modes, PadTest,
                         testing::Values(PadMode::Constant, PadMode::Edge, PadMode::Reflect,
                                         PadMode::Wrap));

}  // namespace
}  // namespace braid::cuda
