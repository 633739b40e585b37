#include "plan/step_order.hpp"

#include <gmock/gmock.h>

#include <random>

namespace braid {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Dependencies = std::vector<std::vector<std::size_t>>;

/// Steps that leave nearly all of a device idle.
std::vector<StepLoad> small_steps(std::size_t count) {
  return std::vector<StepLoad>(count, {1.0, 0.01});
}

std::vector<std::size_t> streams_of(const StepOrder& order, std::size_t steps) {
  std::vector<std::size_t> streams;
  for (std::size_t s = 0; s < steps; ++s)
    streams.push_back(order.stream_of(s));
  return streams;
}

TEST(StepOrderTest, FindsWhoReadsAndWritesTheSameBytes) {
  const std::vector<std::vector<Access>> accesses = {
      {{0, 0, 4, true}},                    // writes the front
      {{0, 4, 8, true}},                    // and the back
      {{0, 0, 8, false}, {1, 0, 8, true}},  // reads both
      {{0, 0, 4, true}},                    // overwrites the front, which was read
      {{0, 4, 8, false}},
      {{1, 0, 8, false}},
  };
  EXPECT_THAT(find_dependencies(accesses),
              ElementsAre(IsEmpty(), IsEmpty(), ElementsAre(0, 1), ElementsAre(0, 2),
                          ElementsAre(1), ElementsAre(2)));
}

TEST(StepOrderTest, GivesChainsStreamsOfTheirOwn) {
  //  0 - 1 - 4
  //  2 - 3 -/
  const Dependencies dependencies = {{}, {0}, {}, {2}, {1, 3}};
  const StepOrder order = order_in_streams(dependencies, small_steps(5), 4);
  EXPECT_THAT(streams_of(order, 5), ElementsAre(0, 0, 1, 1, 1));
  EXPECT_THAT(order.waits_of(4), ElementsAre(1));
  EXPECT_TRUE(order.precedes(0, 4));
  EXPECT_FALSE(order.precedes(1, 3));
  EXPECT_FALSE(order.precedes(3, 1));
}

TEST(StepOrderTest, StaysInOneStreamWhereNothingIsGained) {
  const Dependencies chain = {{}, {0}, {1}};
  EXPECT_EQ(order_in_streams(chain, small_steps(3), 4).stream_count(), 1U);
  const Dependencies apart = {{}, {}, {}};
  EXPECT_EQ(order_in_streams(apart, small_steps(3), 4).stream_count(), 3U);
  EXPECT_EQ(order_in_streams(apart, small_steps(3), 2).stream_count(), 2U);
  const std::vector<StepLoad> large(3, {1.0, 1.0});
  EXPECT_EQ(order_in_streams(apart, large, 4).stream_count(), 1U);
}

TEST(StepOrderTest, LeavesOutWaitsThatOthersImply) {
  // 2 waits for 1, which waits for 0 in another stream.
  StepOrder order;
  order.add(0, {});
  order.add(1, {0});
  order.add(2, {0, 1});
  EXPECT_THAT(order.waits_of(2), ElementsAre(1));
  EXPECT_TRUE(order.precedes(0, 2));
}

// By all paths over streams and waits.
bool is_reachable(const StepOrder& order, std::size_t from, std::size_t to) {
  if (from == to) return true;
  for (std::size_t s = to; s-- > from;) {
    if (order.stream_of(s) == order.stream_of(to)) {
      if (is_reachable(order, from, s)) return true;
      break;
    }
  }
  const auto& waits = order.waits_of(to);
  return std::any_of(waits.begin(), waits.end(), [&](std::size_t each) {
    return each >= from && is_reachable(order, from, each);
  });
}

TEST(StepOrderTest, KeepsEveryDependencyOfRandomGraphs) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    Dependencies dependencies(14);
    for (std::size_t s = 1; s < dependencies.size(); ++s) {
      for (std::size_t before = 0; before < s; ++before) {
        if (random() % 6 == 0) dependencies[s].push_back(before);
      }
    }
    const StepOrder order =
        order_in_streams(dependencies, small_steps(dependencies.size()), 1 + random() % 4);
    for (std::size_t s = 0; s < dependencies.size(); ++s) {
      for (const std::size_t before : dependencies[s])
        EXPECT_TRUE(order.precedes(before, s));
      for (std::size_t before = 0; before < s; ++before)
        EXPECT_EQ(order.precedes(before, s), is_reachable(order, before, s)) << before << " " << s;
    }
  }
}

}  // namespace
}  // namespace braid
