#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

TEST(Pool, Norms) {
  const Tensor x = floats({1, 1, 1, 3}, {3, -4, 0});
  const Attributes pairs = attrs({{"kernel_shape", Dims{1, 2}}});
  expect_values(call("LpPool", {x}, pairs), {1, 1, 1, 2}, {5, 4});
  expect_values(call("GlobalLpPool", {x}, attrs({{"p", 1}})), {1, 1, 1, 1}, {7});
  expect_fails("p must be at least 1", "GlobalLpPool", {x}, attrs({{"p", 0}}));
}

TEST(MaxUnpool, PutsValuesWhereTheyWere) {
  const Tensor x = floats({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor at = ints({1, 1, 2, 2}, {5, 7, 13, 15});
  const Attributes twos = attrs({{"kernel_shape", Dims{2, 2}}, {"strides", Dims{2, 2}}});
  expect_values(call("MaxUnpool", {x, at}, twos), {1, 1, 4, 4},
                {0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4});
  // Indices count through what was pooled, whatever the output's shape.
  expect_values(call("MaxUnpool", {x, at, list({1, 1, 4, 5})}, twos), {1, 1, 4, 5},
                {0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0});
  expect_fails("out of range", "MaxUnpool", {x, ints({1, 1, 2, 2}, {5, 7, 13, 16})}, twos);
  expect_fails("does not hold", "MaxUnpool", {x, at, list({1, 1, 3, 4})}, twos);
}

TEST(GridSample, PlacesAndPadding) {
  const Tensor x = floats({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor grid = floats({1, 1, 3, 2}, {0, 0, -1, -1, 3, 0});  // x before y
  const auto sample = [&](const char* padding, int align_corners, const char* mode = "linear") {
    return call("GridSample", {x, grid},
                attrs({{"padding_mode", std::string(padding)},
                       {"align_corners", std::int64_t{align_corners}},
                       {"mode", std::string(mode)}}));
  };
  expect_values(sample("zeros", 0), {1, 1, 1, 3}, {2.5, 0.25, 0});
  expect_values(sample("zeros", 1), {1, 1, 1, 3}, {2.5, 1, 0});
  expect_values(sample("border", 1), {1, 1, 1, 3}, {2.5, 1, 3});
  expect_values(sample("reflection", 1), {1, 1, 1, 3}, {2.5, 1, 2});
  expect_values(sample("border", 0, "nearest"), {1, 1, 1, 3}, {1, 1, 2});
  expect_fails("does not fit", "GridSample", {x, floats({2, 1, 1, 2}, {0, 0, 0, 0})});
}

TEST(AffineGrid, CentresAndCorners) {
  const Tensor same = floats({1, 2, 3}, {1, 0, 0, 0, 1, 0});
  const Tensor size = list({1, 1, 1, 2});
  expect_values(call("AffineGrid", {same, size}), {1, 1, 2, 2}, {-0.5, 0, 0.5, 0});
  const Tensor moved = floats({1, 2, 3}, {0, 1, 5, 2, 0, 7});  // x = y + 5, y = 2 x + 7
  expect_values(call("AffineGrid", {moved, list({1, 1, 2, 2})}, attrs({{"align_corners", 1}})),
                {1, 2, 2, 2}, {4, 5, 4, 9, 6, 5, 6, 9});
  expect_fails("does not fit", "AffineGrid", {same, list({2, 1, 1, 2})});
}

TEST(RoiAlign, SamplesARamp) {
  const Tensor x = floats({1, 1, 2, 3}, {0, 1, 2, 0, 1, 2});
  const Tensor roi = floats({1, 4}, {0, 0, 2, 2});
  const Tensor image = list({0});
  const auto align = [&](const char* coordinates, const char* mode) {
    return call("RoiAlign", {x, roi, image},
                attrs({{"coordinate_transformation_mode", std::string(coordinates)},
                       {"mode", std::string(mode)},
                       {"sampling_ratio", 2}}));
  };
  expect_values(align("half_pixel", "avg"), {1, 1, 1, 1}, {0.5});
  expect_values(align("output_half_pixel", "avg"), {1, 1, 1, 1}, {1});
  expect_values(align("half_pixel", "max"), {1, 1, 1, 1}, {1});
  expect_fails("out of range", "RoiAlign", {x, roi, list({1})});
}

TEST(MaxRoiPool, LargestOfEachBin) {
  std::vector<float> values(16);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i);
  const Tensor x = floats({1, 1, 4, 4}, values);
  const Attributes bins = attrs({{"pooled_shape", Dims{2, 2}}});
  expect_values(call("MaxRoiPool", {x, floats({1, 5}, {0, 0, 0, 3, 3})}, bins), {1, 1, 2, 2},
                {5, 7, 13, 15});
  expect_values(call("MaxRoiPool", {x, floats({1, 5}, {0, 1, 1, 1, 1})}, bins), {1, 1, 2, 2},
                {5, 5, 5, 5});
  expect_fails("out of range", "MaxRoiPool", {x, floats({1, 5}, {1, 0, 0, 3, 3})}, bins);
}

TEST(Col2Im, AddsWhatOverlaps) {
  const Tensor x = floats({1, 2, 2}, {1, 2, 10, 20});  // blocks of two, as columns
  expect_values(call("Col2Im", {x, list({1, 3}), list({1, 2})}), {1, 1, 1, 3}, {1, 12, 20});
  expect_fails("does not hold", "Col2Im", {x, list({1, 4}), list({1, 2})});
  expect_fails("do not fit", "Col2Im", {x, list({1, 1}), list({1, 2})});
}

TEST(CenterCropPad, OddAmountsGoBehind) {
  const Tensor x = floats({5}, {1, 2, 3, 4, 5});
  expect_values(call("CenterCropPad", {x, list({2})}), {2}, {2, 3});
  expect_values(
      call("CenterCropPad", {floats({1, 2}, {1, 2}), list({5})}, attrs({{"axes", Dims{-1}}})),
      {1, 5}, {0, 1, 2, 0, 0});
  expect_fails("out of range", "CenterCropPad", {x, list({-1})});
}

TEST(ReverseSequence, EachByItsLength) {
  const Tensor x = floats({3, 2}, {0, 1, 2, 3, 4, 5});
  expect_values(call("ReverseSequence", {x, list({3, 1})}), {3, 2}, {4, 1, 2, 3, 0, 5});
  const Attributes batch_first = attrs({{"batch_axis", 0}, {"time_axis", 1}});
  expect_values(call("ReverseSequence", {x, list({2, 0, 1})}, batch_first), {3, 2},
                {1, 0, 2, 3, 4, 5});
  expect_fails("beyond", "ReverseSequence", {x, list({4, 1})});
}

TEST(Upsample, ScalesAsInputAndAsAttribute) {
  const Tensor x = floats({1, 2}, {1, 2});
  expect_values(call("Upsample", {x, floats({2}, {1, 2})}, {}, 9), {1, 4}, {1, 1, 2, 2});
  const Attributes linear =
      attrs({{"mode", std::string("linear")}, {"scales", std::vector<float>{1, 2}}});
  expect_values(call("Upsample", {x}, linear, 7), {1, 4}, {1, 1.5, 2, 2});
}

}  // namespace
}  // namespace braid::reference
