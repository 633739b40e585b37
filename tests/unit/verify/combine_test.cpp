#include "verify/combine.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"

namespace braid {
namespace {

Tensor floats(std::vector<std::int64_t> dims, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(dims), values);
}

std::vector<std::int64_t> labels(const Tensor& tensor) {
  return to_int64s(tensor);
}

TEST(CombineTest, MeansAreWeighted) {
  const std::vector<Tensor> outputs = {floats({2}, {1, 2}), floats({2}, {5, -2})};
  EXPECT_TRUE(same_content(combine(Combination::Mean, {}, outputs), floats({2}, {3, 0})));
  EXPECT_TRUE(same_content(combine(Combination::Weighted, {3, 1}, outputs), floats({2}, {2, 1})));
}

TEST(CombineTest, TheFirstOfEqualVotesWins) {
  const std::vector<Tensor> scores = {floats({2, 3}, {0, 0, 1, 1, 0, 0}),
                                      floats({2, 3}, {0, 2, 0, 0, 2, 0}),
                                      floats({2, 3}, {3, 0, 0, 0, 3, 0})};
  const Tensor winner = combine(Combination::Vote, {}, scores);
  EXPECT_EQ(winner.dims(), std::vector<std::int64_t>({2}));
  EXPECT_EQ(labels(winner), std::vector<std::int64_t>({2, 1}));
}

TEST(CombineTest, LabelsVoteAsTheyAre) {
  const std::vector<Tensor> words = {Tensor::strings({2}, {"a", "b"}),
                                     Tensor::strings({2}, {"c", "c"}),
                                     Tensor::strings({2}, {"c", "b"})};
  EXPECT_EQ(combine(Combination::Vote, {}, words).string_values(),
            std::vector<std::string>({"c", "b"}));
}

TEST(CombineTest, RowsStandSideBySide) {
  const std::vector<Tensor> outputs = {floats({2, 1}, {1, 2}), floats({2, 2}, {3, 4, 5, 6})};
  EXPECT_TRUE(
      same_content(combine(Combination::Concat, {}, outputs), floats({2, 3}, {1, 3, 4, 2, 5, 6})));
}

TEST(CombineTest, RefusesWhatDoesNotFit) {
  const std::vector<Tensor> sizes = {floats({2}, {1, 2}), floats({1}, {1})};
  EXPECT_THROW(combine(Combination::Mean, {}, sizes), Error);
  const std::vector<Tensor> integers = {Tensor::of<std::int64_t>({1}, {1}),
                                        Tensor::of<std::int64_t>({1}, {2})};
  EXPECT_THROW(combine(Combination::Mean, {}, integers), Error);
  const std::vector<Tensor> scalars = {floats({}, {1}), floats({}, {2})};
  EXPECT_THROW(combine(Combination::Vote, {}, scalars), Error);
  EXPECT_THROW(combine(Combination::Concat, {}, scalars), Error);
}

}  // namespace
}  // namespace braid
