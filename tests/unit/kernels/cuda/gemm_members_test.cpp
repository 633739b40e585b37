#include "kernels/cuda/gemm_members.hpp"

#include <gtest/gtest.h>

#include <string>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  GemmTile tile;
  int rows, columns, depth;
  int members = 2;
  int batches = 1;
  bool transposes_a = false;
  bool transposes_b = false;
  bool shares_b = false;
  Element element = Element::Float;
};

std::size_t sizes(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

class GemmMembersTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Case& c = GetParam();
    const int matrices = c.members * c.batches;
    a_ = Values::random(c.element, sizes(matrices * c.rows, c.depth), 1);
    b_ = Values::random(c.element, sizes(matrices * c.depth, c.columns), 2);
    bias_ = Values::random(c.element, sizes(c.members, c.columns), 3);
    residual_ = Values::random(c.element, sizes(matrices * c.rows, c.columns), 4);
    y_ = Values(c.element, sizes(matrices * c.rows, c.columns));
    args_.members = c.members;
    args_.batches = c.batches;
    args_.rows = c.rows;
    args_.columns = c.columns;
    args_.depth = c.depth;
    args_.a = {a_.data(), strides(c.rows, c.depth, c.transposes_a)};
    args_.b = {b_.data(), strides(c.depth, c.columns, c.transposes_b)};
    if (c.shares_b) args_.b.strides.member = 0;
    args_.y = y_.data();
    args_.y_strides = strides(c.rows, c.columns, false);
    args_.epilogue.bias = {bias_.data(), {c.columns, 0, 0, 1}};
    args_.epilogue.residual = {residual_.data(), args_.y_strides};
    args_.epilogue.scale = 0.5F;
    args_.epilogue.activation = Activation::LeakyRelu;
    args_.epilogue.a = 0.25F;
  }

  MatrixStrides strides(int rows, int columns, bool is_transposed) const {
    const std::int64_t size = static_cast<std::int64_t>(rows) * columns;
    MatrixStrides made{size * args_.batches, size, columns, 1};
    if (is_transposed) made = {made.member, size, 1, rows};
    return made;
  }

  static std::size_t offset(const MatrixStrides& strides, int member, int batch, int row,
                            int column) {
    return static_cast<std::size_t>(member * strides.member + batch * strides.batch +
                                    row * strides.row + column * strides.column);
  }

  double expected(int m, int i, int r, int c) const {
    double sum = 0.0;
    for (int d = 0; d < args_.depth; ++d)
      sum += a_[offset(args_.a.strides, m, i, r, d)] * b_[offset(args_.b.strides, m, i, d, c)];
    sum = 0.5 * sum + bias_[offset(args_.epilogue.bias.strides, m, i, r, c)] +
          residual_[offset(args_.y_strides, m, i, r, c)];
    return sum < 0.0 ? 0.25 * sum : sum;
  }

  std::vector<double> expected() const {
    std::vector<double> all;
    for (int m = 0; m < args_.members; ++m)
      for (int i = 0; i < args_.batches; ++i)
        for (int r = 0; r < args_.rows; ++r)
          for (int c = 0; c < args_.columns; ++c)
            all.push_back(expected(m, i, r, c));
    return all;
  }

  Values a_{Element::Float, 0};
  Values b_ = a_;
  Values bias_ = a_;
  Values residual_ = a_;
  Values y_ = a_;
  GemmMembersArgs args_;
};

TEST_P(GemmMembersTest, AgreesWithDoublePrecision) {
  const Case& c = GetParam();
  // Sums of `depth` products of numbers in [-1, 1], each rounded to float, and the result.
  const bool is_tensor = c.tile == GemmTile::TensorLarge || c.tile == GemmTile::TensorMedium;
  const double tolerance = is_tensor ? tensor_tolerance(c.element, c.depth)
                                     : 2 * c.depth * 0x1p-24 + rounding_of(c.element);
  const Launch launch = launch_gemm_members(args_, c.element, c.tile);
  for (const emulator::Schedule schedule : kSchedules) {
    y_.poison();
    emulator::launch(launch, &args_, schedule);
    expect_close(y_, expected(), tolerance);
  }
}

constexpr GemmTile kLarge = GemmTile::Large;
constexpr GemmTile kMedium = GemmTile::Medium;
constexpr GemmTile kSmall = GemmTile::Small;
constexpr GemmTile kTensorLarge = GemmTile::TensorLarge;
constexpr GemmTile kTensorMedium = GemmTile::TensorMedium;
constexpr GemmTile kFew = GemmTile::FewRows;
INSTANTIATE_TEST_SUITE_P(
    Shapes, GemmMembersTest,
    testing::Values(
        Case{"large", kLarge, 129, 136, 20}, Case{"large_ragged", kLarge, 3, 131, 9},
        Case{"large_transposed_b", kLarge, 33, 40, 36, 1, 1, false, true},
        Case{"medium", kMedium, 65, 68, 48}, Case{"medium_single", kMedium, 1, 1, 1},
        Case{"medium_ragged", kMedium, 33, 67, 17, 3},
        Case{"medium_transposed_a", kMedium, 20, 64, 33, 2, 1, true},
        Case{"medium_transposed", kMedium, 36, 64, 40, 1, 2, true, true},
        Case{"small", kSmall, 32, 36, 64}, Case{"small_ragged", kSmall, 33, 3, 70, 2, 3},
        Case{"small_shared", kSmall, 31, 33, 8, 3, 1, false, false, true},
        Case{"small_transposed_b", kSmall, 5, 35, 65, 2, 1, false, true},
        Case{"small_half", kSmall, 33, 40, 70, 2, 2, false, false, false, Element::Half},
        Case{"medium_bfloat", kMedium, 33, 66, 70, 2, 1, false, true, false, Element::BFloat16},
        Case{"tensor_large", kTensorLarge, 129, 136, 36, 1, 1, false, false, false, Element::Half},
        Case{"tensor_large_tf32", kTensorLarge, 33, 131, 40, 1},
        Case{"tensor_half", kTensorMedium, 65, 68, 70, 2, 1, false, false, false, Element::Half},
        Case{"tensor_bfloat", kTensorMedium, 33, 67, 33, 1, 2, true, false, false,
             Element::BFloat16},
        Case{"tensor_tf32", kTensorMedium, 3, 65, 100},
        Case{"tensor_transposed", kTensorMedium, 64, 33, 31, 1, 1, true, true, false,
             Element::Half},
        Case{"tensor_single", kTensorMedium, 1, 1, 1}, Case{"one_row", kFew, 1, 36, 300, 3},
        Case{"one_row_ragged", kFew, 1, 33, 3}, Case{"two_rows", kFew, 2, 64, 129},
        Case{"three_rows", kFew, 3, 35, 131}, Case{"seven_rows", kFew, 7, 40, 260, 2, 2},
        Case{"sixteen_rows", kFew, 16, 33, 64, 2, 1, true},
        Case{"few_rows_half", kFew, 5, 48, 200, 2, 1, false, false, false, Element::Half},
        Case{"few_rows_transposed", kFew, 5, 9, 21, 2, 1, true, true}),
    name_of<Case>);

TEST(LaunchGemmMembers, RefusesMoreThanFewRows) {
  GemmMembersArgs args;
  args.b.strides = {0, 0, 768, 1};
  args.rows = 16;
  EXPECT_TRUE(has_form_of_few_rows(args));
  args.rows = 17;
  EXPECT_FALSE(has_form_of_few_rows(args));
  EXPECT_THROW(launch_gemm_members(args, Element::Float, GemmTile::FewRows), std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
