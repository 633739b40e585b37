#include "kernels/cuda/conv_members.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  ConvTile tile;
  int groups, channels, filters;
  int rows, columns;
  int kernel_rows, kernel_columns;
  int step = 1;
  int pad = 0;
  int dilation = 1;
  bool is_channels_first = false;
  Element element = Element::Float;
  int members = 2;
  int images = 2;
};

int extent(int size, int kernel, const Case& c) {
  return (size + 2 * c.pad - c.dilation * (kernel - 1) - 1) / c.step + 1;
}

class ConvMembersTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Case& c = GetParam();
    args_.members = c.members;
    args_.images = c.images;
    args_.groups = c.groups;
    args_.channels = c.channels;
    args_.filters = c.filters;
    args_.rows = c.rows;
    args_.columns = c.columns;
    args_.kernel_rows = c.kernel_rows;
    args_.kernel_columns = c.kernel_columns;
    args_.y_rows = extent(c.rows, c.kernel_rows, c);
    args_.y_columns = extent(c.columns, c.kernel_columns, c);
    args_.row_step = args_.column_step = c.step;
    args_.pad_top = args_.pad_left = c.pad;
    args_.row_dilation = args_.column_dilation = c.dilation;
    set_strides(c);
    const std::int64_t filters = std::int64_t{c.groups} * c.filters;
    x_ = Values::random(c.element, static_cast<std::size_t>(c.members * args_.x_member), 1);
    w_ = Values::random(c.element, static_cast<std::size_t>(c.members * args_.w_strides.member), 2);
    bias_ = Values::random(c.element, static_cast<std::size_t>(c.members * filters), 3);
    y_ = Values(c.element, static_cast<std::size_t>(c.members * args_.y_strides.member));
    residual_ = Values::random(c.element, y_.size(), 4);
    args_.x = x_.data();
    args_.w = w_.data();
    args_.y = y_.data();
    args_.epilogue.bias = {bias_.data(), {filters, c.filters, 0, 1}};
    args_.epilogue.residual = {residual_.data(), args_.y_strides};
    args_.epilogue.activation = Activation::Relu;
  }

  void set_strides(const Case& c) {
    const int channels = c.groups * c.channels;
    const int filters = c.groups * c.filters;
    args_.x_channel = c.is_channels_first ? c.rows * c.columns : 1;
    args_.x_column = c.is_channels_first ? 1 : channels;
    args_.x_row = c.columns * args_.x_column;
    args_.x_image = std::int64_t{channels} * c.rows * c.columns;
    args_.x_member = c.images * args_.x_image;
    const int depth = c.kernel_rows * c.kernel_columns * c.channels;
    args_.w_strides = {std::int64_t{depth} * filters, depth * c.filters, c.filters, 1};
    if (c.tile == ConvTile::Depthwise) args_.w_strides = {args_.w_strides.member, 1, filters, 1};
    args_.y_strides = {std::int64_t{c.images} * args_.y_rows * args_.y_columns * filters, c.filters,
                       filters, 1};
  }

  static std::size_t offset(const MatrixStrides& strides, int m, int g, int row, int column) {
    return static_cast<std::size_t>(m * strides.member + g * strides.batch + row * strides.row +
                                    column * strides.column);
  }

  double x_at(int m, int g, int image, int row, int column, int channel) const {
    if (row < 0 || row >= args_.rows || column < 0 || column >= args_.columns) return 0.0;
    return x_[static_cast<std::size_t>(m * args_.x_member + image * args_.x_image +
                                       row * args_.x_row + column * args_.x_column +
                                       (g * args_.channels + channel) * args_.x_channel)];
  }

  double expected(int m, int g, int pixel, int filter) const {
    const int image = pixel / (args_.y_rows * args_.y_columns);
    const int row = pixel / args_.y_columns % args_.y_rows * args_.row_step - args_.pad_top;
    const int column = pixel % args_.y_columns * args_.column_step - args_.pad_left;
    double sum = bias_[offset(args_.epilogue.bias.strides, m, g, pixel, filter)] +
                 residual_[offset(args_.y_strides, m, g, pixel, filter)];
    for (int r = 0; r < args_.kernel_rows; ++r)
      for (int s = 0; s < args_.kernel_columns; ++s)
        for (int c = 0; c < args_.channels; ++c) {
          const int depth = (r * args_.kernel_columns + s) * args_.channels + c;
          sum += x_at(m, g, image, row + r * args_.row_dilation, column + s * args_.column_dilation,
                      c) *
                 w_[offset(args_.w_strides, m, g, depth, filter)];
        }
    return std::fmax(sum, 0.0);
  }

  std::vector<double> expected() const {
    std::vector<double> all(y_.size());
    for (int m = 0; m < args_.members; ++m)
      for (int g = 0; g < args_.groups; ++g)
        for (int pixel = 0; pixel < args_.images * args_.y_rows * args_.y_columns; ++pixel)
          for (int filter = 0; filter < args_.filters; ++filter)
            all[offset(args_.y_strides, m, g, pixel, filter)] = expected(m, g, pixel, filter);
    return all;
  }

  double tolerance() const {
    const int depth = args_.kernel_rows * args_.kernel_columns * args_.channels;
    const ConvTile tile = GetParam().tile;
    if (tile == ConvTile::TensorLarge || tile == ConvTile::TensorMedium)
      return tensor_tolerance(GetParam().element, depth);
    return 2 * depth * 0x1p-24 + 2 * rounding_of(GetParam().element);
  }

  Values x_{Element::Float, 0};
  Values w_ = x_;
  Values bias_ = x_;
  Values residual_ = x_;
  Values y_ = x_;
  ConvMembersArgs args_;
};

TEST_P(ConvMembersTest, AgreesWithDoublePrecision) {
  const Launch launch = launch_conv_members(args_, GetParam().element, GetParam().tile);
  for (const emulator::Schedule schedule : kSchedules) {
    y_.poison();
    emulator::launch(launch, &args_, schedule);
    expect_close(y_, expected(), tolerance());
  }
}

class ConvProductTest : public ConvMembersTest {};

TEST_P(ConvProductTest, AgreesWithDoublePrecision) {
  ASSERT_TRUE(is_product(args_));
  const GemmMembersArgs product = as_product(args_);
  emulator::launch(launch_gemm_members(product, GetParam().element, GemmTile::Small), &product);
  expect_close(y_, expected(), tolerance());
}

constexpr ConvTile kLarge = ConvTile::Large;
constexpr ConvTile kMedium = ConvTile::Medium;
constexpr ConvTile kSmall = ConvTile::Small;
constexpr ConvTile kDirect = ConvTile::Direct;
constexpr ConvTile kDepthwise = ConvTile::Depthwise;
INSTANTIATE_TEST_SUITE_P(
    Shapes, ConvMembersTest,
    testing::Values(
        Case{"large", kLarge, 1, 8, 130, 9, 8, 3, 3, 1, 1},
        Case{"medium", kMedium, 1, 16, 68, 7, 9, 3, 3, 1, 1},
        Case{"medium_ragged", kMedium, 1, 5, 33, 6, 5, 3, 2, 2, 1},
        Case{"stem", kMedium, 1, 3, 64, 15, 13, 7, 7, 2, 3, 1, true},
        Case{"stem_half", kSmall, 1, 3, 33, 15, 13, 3, 3, 2, 1, 1, true, Element::Half},
        Case{"one_by_one", kSmall, 1, 36, 40, 5, 7, 1, 1},
        Case{"one_by_one_step", kSmall, 1, 8, 33, 5, 7, 1, 1, 2},
        Case{"dilated", kSmall, 1, 4, 32, 9, 9, 3, 3, 1, 2, 2},
        Case{"single", kSmall, 1, 1, 1, 1, 1, 1, 1},
        Case{"groups", kSmall, 3, 8, 32, 5, 4, 3, 3, 1, 1},
        Case{"row_only", kSmall, 1, 12, 32, 1, 33, 1, 5, 1, 0, 1, false, Element::BFloat16},
        Case{"tensor_large", ConvTile::TensorLarge, 1, 8, 130, 7, 6, 3, 3, 1, 1, 1, false,
             Element::Half, 1},
        Case{"tensor_half", ConvTile::TensorMedium, 1, 16, 40, 7, 9, 3, 3, 2, 1, 1, false,
             Element::Half},
        Case{"tensor_stem", ConvTile::TensorMedium, 1, 3, 64, 9, 9, 7, 7, 2, 3, 1, true},
        Case{"tensor_groups", ConvTile::TensorMedium, 2, 12, 33, 4, 5, 3, 3, 1, 1, 1, false,
             Element::BFloat16},
        Case{"direct_4", kDirect, 5, 4, 4, 6, 7, 3, 3, 1, 1},
        Case{"direct_8", kDirect, 3, 8, 8, 5, 5, 3, 3, 2, 1, 1, false, Element::Half},
        Case{"direct_ragged", kDirect, 3, 3, 5, 4, 5, 2, 3, 1, 1},
        Case{"direct_one_channel", kDirect, 3, 1, 2, 4, 5, 3, 3, 1, 1},
        Case{"direct_channels_first", kDirect, 2, 6, 4, 4, 5, 3, 3, 1, 1, 1, true},
        Case{"depthwise", kDepthwise, 36, 1, 1, 6, 5, 3, 3, 1, 1},
        Case{"depthwise_ragged", kDepthwise, 33, 1, 1, 7, 5, 5, 3, 2, 1},
        Case{"depthwise_half", kDepthwise, 8, 1, 1, 7, 5, 3, 3, 1, 2, 2, false, Element::Half},
        Case{"depthwise_first", kDepthwise, 6, 1, 1, 7, 5, 3, 3, 1, 1, 1, true}),
    name_of<Case>);

INSTANTIATE_TEST_SUITE_P(Shapes, ConvProductTest,
                         testing::Values(Case{"whole", kSmall, 1, 36, 40, 5, 7, 1, 1},
                                         Case{"groups", kSmall, 3, 5, 6, 4, 5, 1, 1},
                                         Case{"first", kSmall, 1, 7, 33, 4, 5, 1, 1, 1, 0, 1, true,
                                              Element::Half, 3, 1}),
                         name_of<Case>);

TEST(ConvProduct, IsNoneWhereItsWindowsAreNotThePixels) {
  ConvMembersArgs args;
  EXPECT_TRUE(is_product(args));
  args.row_step = 2;
  EXPECT_FALSE(is_product(args));
  args.row_step = 1;
  args.rows = args.y_rows = 2;
  args.x_row = 7;
  EXPECT_FALSE(is_product(args));
}

TEST(LaunchConvMembers, RefusesDepthwiseForOthers) {
  ConvMembersArgs args;
  args.groups = 32;
  args.channels = args.filters = 4;
  EXPECT_TRUE(has_direct_form(args));
  EXPECT_FALSE(has_depthwise_form(args));
  args.channels = args.filters = 1;
  args.w_strides.batch = 1;
  EXPECT_TRUE(has_depthwise_form(args));
  args.w_strides.batch = 9;
  EXPECT_THROW(launch_conv_members(args, Element::Float, ConvTile::Depthwise),
               std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
