#include "kernels/cuda/split_product.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

std::size_t product_of(std::initializer_list<int> sizes) {
  std::size_t product = 1;
  for (const int size : sizes)
    product *= static_cast<std::size_t>(size);
  return product;
}

// Sums of `depth` products of numbers in [-1, 1], each rounded, and the result.
double tolerance_of(Element element, SplitTile tile, int depth) {
  const bool is_tensor = tile == SplitTile::TensorLarge || tile == SplitTile::TensorMedium;
  return is_tensor ? tensor_tolerance(element, depth) : 2 * depth * 0x1p-24 + rounding_of(element);
}

struct GemmCase {
  const char* name;
  SplitTile tile;
  int rows, columns, depth, slices;
  int members = 1;
  int batches = 1;
  bool transposes_b = false;
  Element element = Element::Float;
};

/// y = LeakyRelu(a b / 2 + bias + residual), of members with weights of their own.
class SplitGemmTest : public testing::TestWithParam<GemmCase> {
 protected:
  void SetUp() override {
    const GemmCase& c = GetParam();
    const int matrices = c.members * c.batches;
    a_ = Values::random(c.element, product_of({matrices, c.rows, c.depth}), 1);
    b_ = Values::random(c.element, product_of({matrices, c.depth, c.columns}), 2);
    bias_ = Values::random(c.element, product_of({c.members, c.columns}), 3);
    residual_ = Values::random(c.element, product_of({matrices, c.rows, c.columns}), 4);
    y_ = Values(c.element, product_of({matrices, c.rows, c.columns}));
    GemmMembersArgs& gemm = args_.product;
    gemm.members = c.members;
    gemm.batches = c.batches;
    gemm.rows = c.rows;
    gemm.columns = c.columns;
    gemm.depth = c.depth;
    gemm.a = {a_.data(), strides(c.rows, c.depth)};
    gemm.b = {b_.data(), strides(c.depth, c.columns)};
    if (c.transposes_b) {
      gemm.b.strides.row = 1;
      gemm.b.strides.column = c.depth;
    }
    gemm.y = y_.data();
    gemm.y_strides = strides(c.rows, c.columns);
    gemm.epilogue.bias = {bias_.data(), {c.columns, 0, 0, 1}};
    gemm.epilogue.residual = {residual_.data(), gemm.y_strides};
    gemm.epilogue.scale = 0.5F;
    gemm.epilogue.activation = Activation::LeakyRelu;
    gemm.epilogue.a = 0.25F;
    args_.slices = slices_of(c.depth, c.columns, c.slices);
    partials_ = Values(Element::Float, partial_bytes(sums_of(gemm, args_.slices)) / sizeof(float));
    args_.slices.partials = static_cast<float*>(partials_.data());
  }

  MatrixStrides strides(int rows, int columns) const {
    const std::int64_t size = std::int64_t{rows} * columns;
    return {size * GetParam().batches, size, columns, 1};
  }

  double at(const Values& values, const MatrixStrides& strides, int m, int i, int r, int c) const {
    return values[static_cast<std::size_t>(m * strides.member + i * strides.batch +
                                           r * strides.row + c * strides.column)];
  }

  std::vector<double> expected() const {
    const GemmMembersArgs& gemm = args_.product;
    std::vector<double> all;
    for (int m = 0; m < gemm.members; ++m)
      for (int i = 0; i < gemm.batches; ++i)
        for (int r = 0; r < gemm.rows; ++r)
          for (int c = 0; c < gemm.columns; ++c) {
            double sum = 0.0;
            for (int d = 0; d < gemm.depth; ++d)
              sum += at(a_, gemm.a.strides, m, i, r, d) * at(b_, gemm.b.strides, m, i, d, c);
            sum = 0.5 * sum + at(bias_, gemm.epilogue.bias.strides, m, i, r, c) +
                  at(residual_, gemm.y_strides, m, i, r, c);
            all.push_back(sum < 0.0 ? 0.25 * sum : sum);
          }
    return all;
  }

  Values a_{Element::Float, 0};
  Values b_ = a_;
  Values bias_ = a_;
  Values residual_ = a_;
  Values partials_ = a_;
  Values y_ = a_;
  SplitGemmArgs args_;
};

TEST_P(SplitGemmTest, AgreesWithDoublePrecision) {
  const GemmCase& c = GetParam();
  EXPECT_GT(args_.slices.count, 1);
  PartialSumsArgs sums = sums_of(args_.product, args_.slices);
  const Launch split = launch_split_gemm(args_, c.element, c.tile);
  const Launch finish = launch_partial_sums(sums, c.element);
  for (const emulator::Schedule schedule : kSchedules) {
    partials_.poison();
    y_.poison();
    emulator::launch(split, &args_, schedule);
    emulator::launch(finish, &sums, schedule);
    expect_close(y_, expected(), tolerance_of(c.element, c.tile, c.depth));
  }
}

// What is left out of the sums shows: the comparison above can fail.
TEST_P(SplitGemmTest, NeedsEverySlice) {
  const GemmCase& c = GetParam();
  PartialSumsArgs sums = sums_of(args_.product, args_.slices);
  sums.slices = args_.slices.count - 1;
  emulator::launch(launch_split_gemm(args_, c.element, c.tile), &args_);
  emulator::launch(launch_partial_sums(sums, c.element), &sums);
  const std::vector<double> wanted = expected();
  double worst = 0.0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    worst = std::fmax(worst, std::fabs(y_[i] - wanted[i]));
  EXPECT_GT(worst, tolerance_of(c.element, c.tile, c.depth));
}

constexpr SplitTile kLarge = SplitTile::Large;
constexpr SplitTile kMedium = SplitTile::Medium;
constexpr SplitTile kTensorLarge = SplitTile::TensorLarge;
constexpr SplitTile kTensorMedium = SplitTile::TensorMedium;
INSTANTIATE_TEST_SUITE_P(
    Shapes, SplitGemmTest,
    testing::Values(
        GemmCase{"medium", kMedium, 65, 68, 128, 4}, GemmCase{"one_result", kMedium, 1, 1, 65, 3},
        GemmCase{"ragged", kMedium, 33, 3, 131, 2, 3, 2},
        GemmCase{"transposed", kMedium, 3, 33, 97, 16, 2, 1, true},
        GemmCase{"large", kLarge, 129, 131, 70, 2},
        GemmCase{"half", kMedium, 33, 35, 100, 3, 2, 1, false, Element::Half},
        GemmCase{"tensor_large", kTensorLarge, 33, 131, 67, 2},
        GemmCase{"tensor_half", kTensorMedium, 65, 33, 130, 4, 2, 1, true, Element::Half},
        GemmCase{"tensor_bfloat", kTensorMedium, 3, 66, 99, 2, 1, 2, false, Element::BFloat16}),
    name_of<GemmCase>);

struct ConvCase {
  const char* name;
  SplitTile tile;
  int groups, channels, filters, rows, columns, kernel, step, slices;
  Element element = Element::Float;
};

/// Two members of two images each, channels innermost; y = Relu(x * w + bias).
class SplitConvTest : public testing::TestWithParam<ConvCase> {
 protected:
  static constexpr int kMembers = 2;
  static constexpr int kImages = 2;

  void SetUp() override {
    const ConvCase& c = GetParam();
    ConvMembersArgs& conv = args_.conv;
    conv.members = kMembers;
    conv.images = kImages;
    conv.groups = c.groups;
    conv.channels = c.channels;
    conv.filters = c.filters;
    conv.rows = c.rows;
    conv.columns = c.columns;
    conv.kernel_rows = conv.kernel_columns = c.kernel;
    conv.row_step = conv.column_step = c.step;
    conv.pad_top = conv.pad_left = c.kernel / 2;
    conv.y_rows = (c.rows - 1) / c.step + 1;
    conv.y_columns = (c.columns - 1) / c.step + 1;
    conv.x_column = c.groups * c.channels;
    conv.x_row = conv.x_column * c.columns;
    conv.x_image = conv.x_row * c.rows;
    conv.x_member = conv.x_image * kImages;
    const std::int64_t group = depth() * std::int64_t{c.filters};
    conv.w_strides = {group * c.groups, group, c.filters, 1};
    const std::int64_t filters = std::int64_t{c.groups} * c.filters;
    conv.y_strides = {filters * pixels(), c.filters, filters, 1};
    conv.epilogue.bias.strides = {filters, c.filters, 0, 1};
    conv.epilogue.activation = Activation::Relu;
    x_ = Values::random(c.element, static_cast<std::size_t>(conv.x_member * kMembers), 1);
    w_ = Values::random(c.element, static_cast<std::size_t>(conv.w_strides.member * kMembers), 2);
    bias_ = Values::random(c.element, static_cast<std::size_t>(filters * kMembers), 3);
    y_ = Values(c.element, static_cast<std::size_t>(conv.y_strides.member * kMembers));
    conv.x = x_.data();
    conv.w = w_.data();
    conv.y = y_.data();
    conv.epilogue.bias.data = bias_.data();
    args_.slices = slices_of(depth(), c.filters, c.slices);
    partials_ = Values(Element::Float, partial_bytes(sums_of(conv, args_.slices)) / sizeof(float));
    args_.slices.partials = static_cast<float*>(partials_.data());
  }

  int depth() const { return GetParam().kernel * GetParam().kernel * GetParam().channels; }
  int pixels() const { return kImages * args_.conv.y_rows * args_.conv.y_columns; }

  // Of one member, image, and place of y; `filter` counts those of all groups.
  double expected(int m, int image, int row, int column, int filter) const {
    const ConvMembersArgs& conv = args_.conv;
    const int group = filter / conv.filters;
    double sum = bias_[static_cast<std::size_t>(m * conv.groups * conv.filters + filter)];
    for (int i = 0; i < conv.kernel_rows; ++i) {
      for (int j = 0; j < conv.kernel_columns; ++j) {
        const int r = row * conv.row_step + i - conv.pad_top;
        const int s = column * conv.column_step + j - conv.pad_left;
        if (r < 0 || s < 0 || r >= conv.rows || s >= conv.columns) continue;
        for (int k = 0; k < conv.channels; ++k) {
          const std::int64_t x = m * conv.x_member + image * conv.x_image + r * conv.x_row +
                                 s * conv.x_column + group * conv.channels + k;
          const int tap = (i * conv.kernel_columns + j) * conv.channels + k;
          const std::int64_t w = m * conv.w_strides.member + group * conv.w_strides.batch +
                                 tap * conv.w_strides.row + filter % conv.filters;
          sum += x_[static_cast<std::size_t>(x)] * w_[static_cast<std::size_t>(w)];
        }
      }
    }
    return std::fmax(sum, 0.0);
  }

  std::vector<double> expected() const {
    const ConvMembersArgs& conv = args_.conv;
    std::vector<double> all;
    for (int m = 0; m < kMembers; ++m)
      for (int image = 0; image < kImages; ++image)
        for (int row = 0; row < conv.y_rows; ++row)
          for (int column = 0; column < conv.y_columns; ++column)
            for (int filter = 0; filter < conv.groups * conv.filters; ++filter)
              all.push_back(expected(m, image, row, column, filter));
    return all;
  }

  Values x_{Element::Float, 0};
  Values w_ = x_;
  Values bias_ = x_;
  Values partials_ = x_;
  Values y_ = x_;
  SplitConvArgs args_;
};

TEST_P(SplitConvTest, AgreesWithDoublePrecision) {
  const ConvCase& c = GetParam();
  EXPECT_GT(args_.slices.count, 1);
  const Launch split = launch_split_conv(args_, c.element, c.tile);
  PartialSumsArgs sums = sums_of(args_.conv, args_.slices);
  const Launch finish = launch_partial_sums(sums, c.element);
  for (const emulator::Schedule schedule : kSchedules) {
    partials_.poison();
    y_.poison();
    emulator::launch(split, &args_, schedule);
    emulator::launch(finish, &sums, schedule);
    expect_close(y_, expected(), tolerance_of(c.element, c.tile, depth()));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, SplitConvTest,
    testing::Values(ConvCase{"medium", kMedium, 1, 12, 33, 5, 4, 3, 1, 3},
                    ConvCase{"ragged_channels", kMedium, 1, 7, 5, 3, 3, 3, 2, 2},
                    ConvCase{"groups", kMedium, 2, 16, 32, 3, 4, 3, 1, 4},
                    ConvCase{"large", kLarge, 1, 8, 130, 4, 3, 3, 1, 2},
                    ConvCase{"tensor_half", kTensorMedium, 1, 16, 40, 4, 4, 3, 1, 4, Element::Half},
                    ConvCase{"tensor_tf32", kTensorLarge, 1, 8, 33, 3, 5, 3, 1, 2}),
    name_of<ConvCase>);

TEST(SlicesOf, CoverTheDepthAndAreNeverEmpty) {
  for (const int depth : {1, 31, 32, 33, 100, 4608}) {
    for (const int count : {1, 2, 3, 16}) {
      const DepthSlices slices = slices_of(depth, 5, count);
      EXPECT_LE(slices.count, count);
      EXPECT_EQ(slices.depth % 32, 0);
      EXPECT_GE(slices.count * slices.depth, depth);
      EXPECT_LT((slices.count - 1) * slices.depth, depth);
      EXPECT_EQ(slices.pitch, 8);
    }
  }
}

TEST(PartialSums, AreAsManyAsCanBeNumbered) {
  PartialSumsArgs args;
  args.members = args.rows = 1 << 16;
  args.pitch = 4;
  EXPECT_THROW(launch_partial_sums(args, Element::Float), std::length_error);
}

}  // namespace
}  // namespace braid::cuda
