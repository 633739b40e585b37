#include "plan/fuse/strided_view.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace braid {
namespace {

using Dims = StridedView::Dims;

// The place of each element of the view, in its order.
std::vector<std::int64_t> places(const StridedView& view) {
  std::vector<std::int64_t> result = {view.offset()};
  for (std::size_t i = 0; i < view.rank(); ++i) {
    for (const StridedView::Factor& factor : view.axis(i)) {
      std::vector<std::int64_t> next;
      for (const std::int64_t place : result) {
        for (std::int64_t j = 0; j < factor.size; ++j)
          next.push_back(place + j * factor.stride);
      }
      result = std::move(next);
    }
  }
  return result;
}

std::vector<std::int64_t> counted(std::size_t count) {
  std::vector<std::int64_t> result(count);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

TEST(StridedViewTest, WholeTensorsAreInOrder) {
  const StridedView view(Dims{2, 1, 3});
  EXPECT_EQ(view.dims(), (Dims{2, 1, 3}));
  EXPECT_EQ(places(view), counted(6));
  EXPECT_EQ(StridedView(Dims{}).dims(), Dims{});
}

TEST(StridedViewTest, TransposeMovesAxes) {
  const StridedView view = StridedView(Dims{2, 3}).transposed({1, 0});
  EXPECT_EQ(view.dims(), (Dims{3, 2}));
  EXPECT_EQ(places(view), (Dims{0, 3, 1, 4, 2, 5}));
}

TEST(StridedViewTest, ReshapeKeepsTheOrder) {
  const StridedView transposed = StridedView(Dims{2, 6}).transposed({1, 0});
  for (const Dims& dims : {Dims{12}, Dims{3, 4}, Dims{2, 3, 2}, Dims{6, 1, 2}}) {
    const auto view = transposed.reshaped(dims);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->dims(), dims);
    EXPECT_EQ(places(*view), places(transposed));
  }
  EXPECT_FALSE(transposed.reshaped({4, 3}));  // cuts the six rows in four
  EXPECT_FALSE(transposed.reshaped({12, 2}));
  EXPECT_FALSE(transposed.reshaped({6}));
}

TEST(StridedViewTest, ReshapeJoinsWhatLiesBehindEachOther) {
  const auto view = StridedView(Dims{2, 3, 4}).reshaped({6, 4});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->axis(0), (StridedView::Axis{{6, 4}}));
}

TEST(StridedViewTest, ExpandRepeats) {
  const auto view = StridedView(Dims{2, 1}).expanded({3, 2, 2});
  ASSERT_TRUE(view);
  EXPECT_EQ(places(*view), (Dims{0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1}));
  EXPECT_FALSE(StridedView(Dims{2}).expanded({3}));
  EXPECT_FALSE(StridedView(Dims{2, 1}).expanded({2}));
}

TEST(StridedViewTest, SlicesTakeParts) {
  const StridedView whole(Dims{3, 4});
  EXPECT_EQ(places(*whole.sliced(1, {1, 2, 2})), (Dims{1, 3, 5, 7, 9, 11}));
  EXPECT_EQ(places(*whole.sliced(0, {2, -2, 2})), (Dims{8, 9, 10, 11, 0, 1, 2, 3}));
  // One index of an axis of two factors.
  const auto joined = whole.transposed({1, 0}).reshaped({12});
  EXPECT_EQ(places(*joined->sliced(0, {5, 1, 1})), (Dims{9}));
  EXPECT_FALSE(joined->sliced(0, {5, 1, 2}));
}

TEST(StridedViewTest, AxesAreCutIntoFactors) {
  const StridedView view = StridedView(Dims{2, 6}).transposed({1, 0});
  EXPECT_EQ(strides_of(view.axis(0), {3, 2}), (Dims{2, 1}));
  EXPECT_EQ(strides_of(view.axis(1), {1, 2}), (Dims{0, 6}));
  EXPECT_FALSE(strides_of(view.axis(0), {4, 2}));
}

}  // namespace
}  // namespace braid
