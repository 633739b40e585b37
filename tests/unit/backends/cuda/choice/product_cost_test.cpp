// What the model of a device says of products whose answer is known.

#include "backends/cuda/choice/product_cost.hpp"

#include <gtest/gtest.h>

#include "backends/cuda/choice/gpu_rates.hpp"
#include "backends/cuda/tile_choice.hpp"

namespace braid::cuda {
namespace {

const GpuTraits kH100{
    .name = "H100", .processors = 132, .architecture = 90, .clock = 1.755e9, .bandwidth = 3.35e12};

GemmMembersArgs product(int members, int rows, int columns, int depth) {
  GemmMembersArgs args;
  args.members = members;
  args.rows = rows;
  args.columns = columns;
  args.depth = depth;
  args.a.strides = {std::int64_t{rows} * depth, 0, depth, 1};
  args.b.strides = {std::int64_t{depth} * columns, 0, columns, 1};
  args.y_strides = {std::int64_t{rows} * columns, 0, columns, 1};
  return args;
}

// 60 TFLOP/s in float and 990 of 16 bits are what the vendor says.
TEST(GpuRates, AreThoseOfTheDataSheet) {
  EXPECT_NEAR(arithmetic_rate(kH100) * 132, 60e12, 2e12);
  EXPECT_NEAR(tensor_rate(kH100, Element::Half) * 132, 950e12, 50e12);
  EXPECT_NEAR(tensor_rate(kH100, Element::Float) * 132, 475e12, 25e12);
  const GpuTraits titan{.name = "TITAN Xp", .processors = 30, .architecture = 61, .clock = 1.58e9};
  EXPECT_NEAR(arithmetic_rate(titan) * 30, 12.1e12, 0.3e12);
  EXPECT_EQ(tensor_rate(titan, Element::Half), 0);
}

TEST(ProductCost, IsNeverBelowWhatTheDeviceCanDo) {
  for (const int rows : {1, 16, 128, 1000}) {
    const ProductSize size = size_of(product(8, rows, 768, 768), Element::Float);
    const double flops = 2.0 * 8 * rows * 768 * 768;
    const double floor =
        std::max(flops / (arithmetic_rate(kH100) * 132), size.bytes / kH100.bandwidth);
    for (const GemmTile tile : {GemmTile::Large, GemmTile::Medium, GemmTile::Small})
      EXPECT_GT(seconds_of(size, tile, kH100), floor);
    EXPECT_GT(library_seconds(size, false, kH100), floor);
    EXPECT_GT(seconds_of(size, SplitTile::Medium, 4, kH100), floor);
  }
}

TEST(ProductCost, CountsWeightsThatMembersShareOnce) {
  GemmMembersArgs args = product(8, 4, 512, 512);
  const double own = size_of(args, Element::Half).bytes;
  args.b.strides.member = 0;
  EXPECT_EQ(own - size_of(args, Element::Half).bytes, 7 * 512 * 512 * 2.0);
}

TEST(TileChoice, FillsTheDeviceWithTheLargestTiles) {
  const TileChoice floats(kH100, false);
  const TileChoice rounded(kH100, true);
  const auto tile_of = [&](int members, int rows) {
    return floats.tile_for(product(members, rows, 768, 768), Element::Float);
  };
  EXPECT_EQ(tile_of(32, 128), GemmTile::Large);
  EXPECT_EQ(tile_of(8, 128), GemmTile::Medium);
  EXPECT_EQ(tile_of(1, 128), GemmTile::Small);
  EXPECT_EQ(tile_of(1, 1), GemmTile::FewRows);
  EXPECT_EQ(rounded.tile_for(product(32, 128, 768, 768), Element::Float), GemmTile::TensorLarge);
}

// 49 pixels of a ResNet's last stage: 8 tiles for 132 processors, 4608 deep.
TEST(ProductCost, SplitsDeepProductsOfFewTiles) {
  const ProductSize few = size_of(product(1, 49, 512, 4608), Element::Float);
  EXPECT_LT(seconds_of(few, SplitTile::Medium, 16, kH100),
            seconds_of(few, GemmTile::Small, kH100) / 2);
  const ProductSize many = size_of(product(32, 49, 512, 4608), Element::Float);
  EXPECT_GT(seconds_of(many, SplitTile::Medium, 16, kH100),
            seconds_of(many, GemmTile::Medium, kH100));
}

}  // namespace
}  // namespace braid::cuda
