#include "kernels/cuda/grouped_gemm.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Size {
  int rows, columns, depth;
};

struct Case {
  const char* name;
  GemmTile tile;
  std::vector<Size> sizes;
  int processors = 2;
  Element element = Element::Float;
};

struct Operands {
  Values a, b, bias, y;
};

class GroupedGemmTest : public testing::TestWithParam<Case> {};

std::vector<double> multiply(const Operands& operands, const Size& size) {
  std::vector<double> y;
  for (int r = 0; r < size.rows; ++r)
    for (int c = 0; c < size.columns; ++c) {
      double sum = operands.bias[static_cast<std::size_t>(c)];
      for (int d = 0; d < size.depth; ++d)
        sum += operands.a[static_cast<std::size_t>(r * size.depth + d)] *
               operands.b[static_cast<std::size_t>(d * size.columns + c)];
      y.push_back(std::fmax(sum, 0.0));
    }
  return y;
}

TEST_P(GroupedGemmTest, AgreesWithDoublePrecision) {
  const Case& c = GetParam();
  std::vector<Operands> operands;
  std::vector<GroupedProblem> problems(c.sizes.size());
  for (std::uint32_t i = 0; i < c.sizes.size(); ++i) {
    const auto [rows, columns, depth] = c.sizes[i];
    const auto count = [](int x, int y) { return static_cast<std::size_t>(x * y); };
    operands.push_back({Values::random(c.element, count(rows, depth), 3 * i + 1),
                        Values::random(c.element, count(depth, columns), 3 * i + 2),
                        Values::random(c.element, count(1, columns), 3 * i + 3),
                        Values(c.element, count(rows, columns))});
  }
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const auto [rows, columns, depth] = c.sizes[i];
    GemmMembersArgs& product = problems[i].product;
    product.a = {operands[i].a.data(), {0, 0, depth, 1}};
    product.b = {operands[i].b.data(), {0, 0, columns, 1}};
    product.y = operands[i].y.data();
    product.y_strides = {0, 0, columns, 1};
    product.epilogue.bias = {operands[i].bias.data(), {0, 0, 0, 1}};
    product.epilogue.activation = Activation::Relu;
    product.rows = rows;
    product.columns = columns;
    product.depth = depth;
  }
  GroupedGemmArgs args{problems.data(), static_cast<int>(problems.size()), 0};
  args.tiles = number_tiles(problems, c.tile);
  const Launch launch = launch_grouped_gemm(args, c.element, c.tile, c.processors);
  for (const emulator::Schedule schedule : kSchedules) {
    for (Operands& one : operands)
      one.y.poison();
    emulator::launch(launch, &args, schedule);
    for (std::size_t i = 0; i < problems.size(); ++i)
      expect_close(operands[i].y, multiply(operands[i], c.sizes[i]),
                   c.tile == GemmTile::TensorMedium
                       ? tensor_tolerance(c.element, c.sizes[i].depth)
                       : 2 * c.sizes[i].depth * 0x1p-24 + rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, GroupedGemmTest,
    testing::Values(
        Case{"one", GemmTile::Small, {{1, 1, 1}}},
        Case{"unequal_rows", GemmTile::Small, {{3, 40, 33}, {70, 40, 33}, {33, 40, 33}}, 1},
        Case{"unequal_columns", GemmTile::Medium, {{65, 3, 20}, {65, 130, 20}}, 1},
        Case{"none_between",
             GemmTile::Small,
             {{0, 8, 8}, {9, 33, 5}, {0, 4, 4}, {0, 4, 4}, {2, 2, 70}}},
        Case{"half", GemmTile::Medium, {{5, 66, 31}, {66, 8, 40}}, 1, Element::Half}),
    name_of<Case>);

INSTANTIATE_TEST_SUITE_P(
    TensorCores, GroupedGemmTest,
    testing::Values(
        Case{"half", GemmTile::TensorMedium, {{5, 66, 31}, {66, 8, 40}}, 1, Element::Half},
        Case{"tf32", GemmTile::TensorMedium, {{33, 65, 31}, {1, 1, 40}}}),
    name_of<Case>);

TEST(GroupedGemm, HasNoKernelForOtherTiles) {
  std::vector<GroupedProblem> problems(1);
  EXPECT_THROW(number_tiles(problems, GemmTile::FewRows), std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
