#include "plan/narrow/region.hpp"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(RegionTest, UnitesRangesThatTouch) {
  EXPECT_EQ(unite(Ranges{{0, 2}, {6, 8}}, Ranges{{2, 3}, {5, 6}}), (Ranges{{0, 3}, {5, 8}}));
}

TEST(RegionTest, TellsPlacesAmongWhatIsLeft) {
  EXPECT_EQ(places_in({{2, 4}, {10, 14}}, {{3, 4}, {12, 14}}), (Ranges{{1, 2}, {4, 6}}));
}

TEST(RegionTest, RoundsToBlocks) {
  EXPECT_EQ(elements_of(blocks_of({{3, 5}, {13, 14}}, 4), 4), (Ranges{{0, 8}, {12, 16}}));
}

// Member 2 of 4 in front, folded into the batch, and folded into the channels.
TEST(RegionTest, FollowsMembersThroughReshapes) {
  const auto front = reshape_region({4, 2, 3}, {8, 3}, {{{4, 6}}, {{0, 3}}});
  EXPECT_EQ(front.from, (Region{{{2, 3}}, {{0, 2}}, {{0, 3}}}));
  EXPECT_EQ(dims_of(front.to), (Dims{2, 3}));
  const auto second = reshape_region({5, 12}, {5, 4, 3}, {{{0, 5}}, {{2, 3}}, {{0, 3}}});
  EXPECT_EQ(second.from, (Region{{{0, 5}}, {{6, 9}}}));
  const auto rows = reshape_region({2, 4, 3}, {8, 3}, {{{2, 3}, {6, 7}}, {{0, 3}}});
  EXPECT_EQ(rows.from, (Region{{{0, 2}}, {{2, 3}}, {{0, 3}}}));
}

// Elements 1 and 2 of six lie in both rows of [3, 2]: [2, 2] of it hold 0 to 3.
TEST(RegionTest, ContainsWhatIsNeededWhereNoRegionIsExact) {
  const auto region = reshape_region({3, 2}, {6}, {{{1, 3}}});
  EXPECT_EQ(region.from, (Region{{{0, 2}}, {{0, 2}}}));
  EXPECT_EQ(region.to, (Region{{{0, 4}}}));
}

TEST(RegionTest, TakesAllWhereTheElementsAreNoRegionOfBoth) {
  const auto region = reshape_region({2, 3}, {3, 2}, {{{0, 3}}, {{0, 1}}});
  EXPECT_EQ(region.from, whole_region({2, 3}));
  EXPECT_EQ(region.to, whole_region({3, 2}));
}

TEST(RegionTest, KeepsAxesOfOneElement) {
  const auto region =
      reshape_region({1, 4, 1}, {4, 1, 1, 1}, {{{1, 2}}, {{0, 1}}, {{0, 1}}, {{0, 1}}});
  EXPECT_EQ(region.from, (Region{{{0, 1}}, {{1, 2}}, {{0, 1}}}));
}

}  // namespace
}  // namespace braid
