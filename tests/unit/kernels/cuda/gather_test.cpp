#include "kernels/cuda/gather.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int members, outer, dim, block;  // of 16-bit elements
  const char* kernel;
};

class GatherTest : public testing::TestWithParam<Case> {};

TEST_P(GatherTest, PicksBlocks) {
  const Case& c = GetParam();
  const std::vector<std::int64_t> indices{0, -1, 2, -c.dim, c.dim - 1, 1};
  const auto size = static_cast<std::size_t>(c.outer * c.dim * c.block);
  std::vector<std::uint16_t> from(static_cast<std::size_t>(c.members) * size);
  for (std::size_t i = 0; i < from.size(); ++i)
    from[i] = static_cast<std::uint16_t>(i);
  std::vector<std::uint16_t> expected;
  for (int m = 0; m < c.members; ++m)
    for (int o = 0; o < c.outer; ++o)
      for (std::int64_t index : indices) {
        if (index < 0) index += c.dim;
        for (int i = 0; i < c.block; ++i)
          expected.push_back(
              from[static_cast<std::size_t>(((m * c.outer + o) * c.dim + index) * c.block + i)]);
      }
  std::vector<std::uint16_t> to(expected.size(), 0xFFFF);
  GatherArgs args;
  args.from = from.data();
  args.indices = indices.data();
  args.to = to.data();
  args.from_member = static_cast<std::int64_t>(size) * 2;
  args.members = c.members;
  args.outer = c.outer;
  args.dim = c.dim;
  args.count = static_cast<int>(indices.size());
  args.block_bytes = c.block * 2;
  const Launch launch = launch_gather(args);
  EXPECT_STREQ(launch.kernel, c.kernel);
  emulator::launch(launch, &args);
  EXPECT_EQ(to, expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GatherTest,
                         testing::Values(Case{"elements", 1, 5, 3, 1, "gather_2"},
                                         Case{"odd", 2, 3, 4, 33, "gather_2"},
                                         Case{"rows", 3, 1, 7, 40, "gather_16"},
                                         Case{"pairs", 2, 2, 5, 6, "gather_4"}),
                         name_of<Case>);

TEST(Gather, ReportsAnIndexOutOfRange) {
  const std::vector<float> from{1, 2, 3};
  const std::vector<std::int32_t> indices{1, 3, -4};
  std::vector<float> to(3, 7);
  int bad = 0;
  GatherArgs args;
  args.from = from.data();
  args.indices = indices.data();
  args.to = to.data();
  args.bad = &bad;
  args.dim = args.count = 3;
  args.block_bytes = 4;
  args.is_wide = false;
  emulator::launch(launch_gather(args), &args);
  EXPECT_EQ(to, (std::vector<float>{2, 0, 0}));
  EXPECT_EQ(bad, 1);
}

class EmbeddingTest : public testing::TestWithParam<Element> {};

TEST_P(EmbeddingTest, AddsRowsOfAllTables) {
  const int members = 2;
  const int positions = 5;
  for (const int length : {1, 33, 64}) {
    const auto row = static_cast<std::size_t>(length);
    const Values words = Values::random(GetParam(), members * 7 * row, 1);
    const Values types = Values::random(GetParam(), 2 * row, 2);
    const Values places = Values::random(GetParam(), positions * row, 3);
    const std::vector<std::int64_t> word_ids{0, 6, 3, -1, 2, 5, 5, 1, 0, 4};
    const std::vector<std::int32_t> type_ids{0, 1, 1, 0, 1};
    Values y(GetParam(), members * positions * row);
    EmbeddingArgs args;
    args.tables[0] = {words.data(), word_ids.data(), 7 * length, positions, 7, true};
    args.tables[1] = {types.data(), type_ids.data(), 0, 0, 2, false};
    args.tables[2] = {places.data(), nullptr, 0, 0, positions, true};
    args.y = y.data();
    args.count = 3;
    args.members = members;
    args.positions = positions;
    args.length = length;
    emulator::launch(launch_embedding(args, GetParam()), &args);
    std::vector<double> expected;
    for (std::size_t m = 0; m < members; ++m)
      for (std::size_t p = 0; p < positions; ++p)
        for (std::size_t i = 0; i < row; ++i) {
          const std::int64_t word = word_ids[m * positions + p];
          const auto place = static_cast<std::size_t>(word < 0 ? word + 7 : word);
          expected.push_back(words[(m * 7 + place) * row + i] +
                             types[static_cast<std::size_t>(type_ids[p]) * row + i] +
                             places[p * row + i]);
        }
    expect_close(y, expected, 2 * rounding_of(GetParam()));
  }
}

INSTANTIATE_TEST_SUITE_P(Elements, EmbeddingTest,
                         testing::Values(Element::Float, Element::Half, Element::BFloat16));

}  // namespace
}  // namespace braid::cuda
