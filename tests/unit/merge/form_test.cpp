#include "merge/form.hpp"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(Form, DimsOfEveryForm) {
  using Dims = std::vector<FormDim>;
  EXPECT_EQ(form_dims(Form::front(), 2, 6), (Dims{{6, -1}, {1, 0}, {1, 1}}));
  EXPECT_EQ(form_dims(Form::second(), 2, 6), (Dims{{1, 0}, {6, -1}, {1, 1}}));
  EXPECT_EQ(form_dims(Form::folded(1), 2, 6), (Dims{{6, 0}, {1, 1}}));
  EXPECT_EQ(form_dims(Form::folded(6), 2, 6), (Dims{{1, 0}, {6, 1}}));
  EXPECT_EQ(form_dims(Form::folded(2), 3, 6), (Dims{{3, 0}, {2, 1}, {1, 2}}));
  EXPECT_EQ(form_dims(Form::front(), 0, 6), (Dims{{6, -1}}));
}

TEST(Form, AxesMoveBehindTheMemberAxis) {
  EXPECT_EQ(Form::front().physical(0), 1);
  EXPECT_EQ(Form::second().physical(0), 0);
  EXPECT_EQ(Form::second().physical(1), 2);
  EXPECT_EQ(Form::folded(3).physical(1), 1);
}

TEST(Form, FoldedAxesAreNotFree) {
  EXPECT_FALSE(Form::folded(1).is_free(0, 4));
  EXPECT_TRUE(Form::folded(1).is_free(1, 4));
  EXPECT_TRUE(Form::folded(4).is_free(0, 4));
  EXPECT_FALSE(Form::folded(4).is_free(1, 4));
  EXPECT_FALSE(Form::folded(2).is_free(0, 4));
  EXPECT_FALSE(Form::folded(2).is_free(1, 4));
  EXPECT_TRUE(Form::folded(2).is_free(2, 4));
}

TEST(Form, KnownSizes) {
  const Shape logical = {Dim::named("N"), Dim::known(5)};
  EXPECT_EQ(known_size({3, -1}, logical), 3);
  EXPECT_EQ(known_size({3, 1}, logical), 15);
  EXPECT_FALSE(known_size({3, 0}, logical));
}

}  // namespace
}  // namespace braid
