#include <limits>

#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

/// 0, 1, 2, ... of any type.
Tensor counting(Dims dims, DType dtype = DType::Float32) {
  std::vector<double> values(static_cast<std::size_t>(product(dims)));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i);
  return tensor(dtype, std::move(dims), values);
}

TEST(Movement, EveryElementSize) {
  for (const DType dtype :
       {DType::Bool, DType::Int8, DType::BFloat16, DType::Float32, DType::Int64, DType::Float64}) {
    SCOPED_TRACE(std::string(dtype_name(dtype)));
    const Tensor x = tensor(dtype, {2, 2}, {0, 1, 1, 0});
    const Tensor y = tensor(dtype, {1, 2}, {1, 1});
    expect_values(call("Transpose", {x}), {2, 2}, {0, 1, 1, 0});
    expect_values(call("Concat", {x, y}, attrs({{"axis", 0}})), {3, 2}, {0, 1, 1, 0, 1, 1});
    expect_values(call("Slice", {x, list({1}), list({kLeast}), list({1}), list({-1})}), {2, 2},
                  {1, 0, 0, 1});
    expect_values(call("Gather", {x, list({1, 1})}), {2, 2}, {1, 0, 1, 0});
    expect_values(call("Expand", {y, list({2, 2})}), {2, 2}, {1, 1, 1, 1});
    expect_values(call("Pad", {y, list({0, 1, 0, 0})}), {1, 3}, {0, 1, 1});
    expect_values(call("Trilu", {x}), {2, 2}, {0, 1, 0, 0});
  }
  expect_fails("type string is not supported", "Transpose", {Tensor::strings({1}, {"a"})});
  expect_fails("type int4 is not supported", "Concat", {Tensor::allocate(DType::Int4, {4})},
               attrs({{"axis", 0}}));
}

TEST(Reshape, ZerosAndUnknowns) {
  const Tensor x = counting({2, 3, 2});
  EXPECT_EQ(call("Reshape", {x, list({0, -1})}).dims(), (Dims{2, 6}));
  EXPECT_EQ(call("Reshape", {x, list({-1})}).dims(), (Dims{12}));
  EXPECT_EQ(call("Reshape", {counting({1}), list({})}).dims(), (Dims{}));
  const Attributes allow = attrs({{"allowzero", 1}});
  EXPECT_EQ(call("Reshape", {counting({0, 3}), list({3, 0})}, allow).dims(), (Dims{3, 0}));
  EXPECT_EQ(call("Reshape", {x, list({0, 6})}).raw().data(), x.raw().data());
  expect_fails("cannot reshape", "Reshape", {x, list({5, -1})});
  expect_fails("cannot reshape", "Reshape", {x, list({-1, -1})});
  expect_fails("cannot reshape", "Reshape", {x, list({4, 4})});
  expect_fails("cannot reshape", "Reshape", {x, list({kMost, kMost, 12})});
  expect_fails("cannot reshape", "Reshape", {counting({0}), list({0, -1})}, allow);
  expect_fails("no dimension", "Reshape", {counting({12}), list({12, 0})});
}

TEST(Reshape, FlattenSqueezeUnsqueeze) {
  const Tensor x = counting({2, 1, 3, 1});
  EXPECT_EQ(call("Flatten", {x}).dims(), (Dims{2, 3}));
  EXPECT_EQ(call("Flatten", {x}, attrs({{"axis", 0}})).dims(), (Dims{1, 6}));
  EXPECT_EQ(call("Flatten", {x}, attrs({{"axis", -1}})).dims(), (Dims{6, 1}));
  EXPECT_EQ(call("Squeeze", {x}).dims(), (Dims{2, 3}));
  EXPECT_EQ(call("Squeeze", {x, list({-1})}).dims(), (Dims{2, 1, 3}));
  EXPECT_EQ(call("Squeeze", {x}, attrs({{"axes", Dims{1}}}), 11).dims(), (Dims{2, 3, 1}));
  EXPECT_EQ(call("Unsqueeze", {x, list({-1, 0})}).dims(), (Dims{1, 2, 1, 3, 1, 1}));
  EXPECT_EQ(call("Unsqueeze", {x}, attrs({{"axes", Dims{2}}}), 11).dims(), (Dims{2, 1, 1, 3, 1}));
  expect_fails("is not 1", "Squeeze", {x, list({0})});
  expect_fails("twice", "Unsqueeze", {x, list({0, -6})});
  expect_fails("out of range", "Flatten", {x}, attrs({{"axis", 5}}));
}

TEST(Transpose, PermutesAndRearranges) {
  const Tensor x = counting({2, 3, 2});
  expect_values(call("Transpose", {x}), {2, 3, 2}, {0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11});
  expect_values(call("Transpose", {x}, attrs({{"perm", Dims{1, 0, 2}}})), {3, 2, 2},
                {0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11});
  expect_fails("twice", "Transpose", {x}, attrs({{"perm", Dims{0, 0, 1}}}));
  expect_fails("does not fit", "Transpose", {x}, attrs({{"perm", Dims{0, 1}}}));
  const Tensor deep = counting({1, 4, 1, 2});
  const Attributes two = attrs({{"blocksize", 2}});
  const Tensor wide = call("DepthToSpace", {deep}, two);
  expect_values(wide, {1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7});
  EXPECT_TRUE(same_content(call("SpaceToDepth", {wide}, two), deep));
  expect_fails("divide", "DepthToSpace", {counting({1, 3, 1, 1})}, two);
}

TEST(Slice, StepsClampsAndOldForm) {
  const Tensor x = counting({5});
  const auto slice = [&](std::int64_t start, std::int64_t end, std::int64_t step) {
    return to_doubles(call("Slice", {x, list({start}), list({end}), list({0}), list({step})}));
  };
  using Values = std::vector<double>;
  EXPECT_EQ(slice(1, 4, 2), (Values{1, 3}));
  EXPECT_EQ(slice(-2, kMost, 1), (Values{3, 4}));
  EXPECT_EQ(slice(kMost, kLeast, -2), (Values{4, 2, 0}));
  EXPECT_EQ(slice(3, -6, -1), (Values{3, 2, 1, 0}));
  EXPECT_EQ(slice(0, 5, kMost), (Values{0}));
  EXPECT_EQ(slice(4, kLeast, kLeast), (Values{4}));
  EXPECT_EQ(slice(3, 1, 1), (Values{}));
  expect_values(
      call("Slice", {counting({2, 3})}, attrs({{"starts", Dims{1, 0}}, {"ends", Dims{2, -1}}}), 9),
      {1, 2}, {3, 4});
  expect_values(call("Slice", {counting({0, 3}), list({0}), list({5})}), {0, 3}, {});
  expect_fails("step is 0", "Slice", {x, list({0}), list({1}), list({0}), list({0})});
  expect_fails("in number", "Slice", {x, list({0, 1}), list({1})});
  expect_fails("out of range", "Slice", {x, list({0}), list({1}), list({1})});
}

TEST(SplitAndConcat, Sizes) {
  const Tensor x = counting({2, 5});
  std::vector<Tensor> parts = call_all("Split", {x, list({2, 0, 3})}, attrs({{"axis", 1}}), 3);
  expect_values(parts[0], {2, 2}, {0, 1, 5, 6});
  expect_values(parts[1], {2, 0}, {});
  EXPECT_TRUE(same_content(call("Concat", parts, attrs({{"axis", -1}})), x));
  parts = call_all("Split", {x}, attrs({{"axis", 1}, {"num_outputs", 2}}), 2);
  expect_values(parts[1], {2, 2}, {3, 4, 8, 9});
  parts = call_all("Split", {counting({4})}, attrs({{"split", Dims{1, 3}}}), 2, 11);
  expect_values(parts[1], {3}, {1, 2, 3});
  EXPECT_THROW(call_all("Split", {counting({5})}, {}, 2, 13), Error);
  expect_fails("split [6]", "Split", {x, list({6})}, attrs({{"axis", 1}}));
  expect_fails("differ beyond axis", "Concat", {x, counting({3, 4})}, attrs({{"axis", 1}}));
  expect_fails("types", "Concat", {x, list({1})}, attrs({{"axis", 0}}));
}

TEST(ExpandAndTile, Repeat) {
  expect_values(call("Expand", {floats({2, 1}, {1, 2}), list({3, 1, 2})}), {3, 2, 2},
                {1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2});
  expect_values(call("Expand", {floats({2}, {1, 2}), list({1})}), {2}, {1, 2});
  expect_values(call("Tile", {floats({1, 2}, {1, 2}), list({2, 2})}), {2, 4},
                {1, 2, 1, 2, 1, 2, 1, 2});
  expect_values(call("Tile", {floats({2}, {1, 2}), list({0})}), {0}, {});
  expect_fails("too large", "Expand", {floats({1}, {1}), list({kMost, 1})});
  expect_fails("negative", "Expand", {floats({1}, {1}), list({-3})});
  expect_fails("out of range", "Tile", {floats({2}, {1, 2}), list({kMost})});
}

TEST(Pad, Modes) {
  const Tensor x = floats({3}, {1, 2, 3});
  const Tensor pads = list({2, 4});
  expect_values(call("Pad", {x, pads, floats({}, {9})}), {9}, {9, 9, 1, 2, 3, 9, 9, 9, 9});
  expect_values(call("Pad", {x, pads}, attrs({{"mode", "edge"}})), {9},
                {1, 1, 1, 2, 3, 3, 3, 3, 3});
  expect_values(call("Pad", {x, pads}, attrs({{"mode", "reflect"}})), {9},
                {3, 2, 1, 2, 3, 2, 1, 2, 3});
  expect_values(call("Pad", {x, pads}, attrs({{"mode", "wrap"}})), {9},
                {2, 3, 1, 2, 3, 1, 2, 3, 1});
  expect_values(call("Pad", {x, list({-1, 1})}, attrs({{"mode", "wrap"}})), {3}, {2, 3, 2});
  expect_values(call("Pad", {x}, attrs({{"pads", Dims{1, 0}}, {"value", 0.5F}}), 9), {4},
                {0.5, 1, 2, 3});
  expect_values(call("Pad", {floats({1, 2}, {1, 2}), list({1, 0}), Tensor(), list({-1})}), {1, 3},
                {0, 1, 2});
  expect_values(call("Pad", {floats({}, {4}), list({})}), {}, {4});
  expect_fails("nothing to pad with", "Pad", {floats({0}, {}), pads}, attrs({{"mode", "edge"}}));
  expect_fails("negative", "Pad", {x, list({-2, -2})});
  expect_fails("two per axis", "Pad", {x, list({1})});
  expect_fails("out of range", "Pad", {x, list({kLeast, kMost})});
}

TEST(Gather, IndicesAreChecked) {
  const Tensor x = counting({2, 3});
  expect_values(call("Gather", {x, ints({1, 2}, {-1, 0})}, attrs({{"axis", 1}})), {2, 1, 2},
                {2, 0, 5, 3});
  expect_values(call("Gather", {x, scalar(1)}), {3}, {3, 4, 5});
  expect_values(call("Gather", {x, list({})}), {0, 3}, {});
  expect_fails("index 3", "Gather", {x, list({3})}, attrs({{"axis", 1}}));
  expect_fails("index -3", "Gather", {x, list({-3})});
  expect_fails("int32 or int64", "Gather", {x, floats({1}, {0})});
  expect_values(call("GatherElements", {x, ints({2, 1}, {-1, 0})}, attrs({{"axis", 1}})), {2, 1},
                {2, 3});
  expect_fails("index 2", "GatherElements", {x, ints({1, 3}, {0, 2, 0})});
  expect_fails("exceed", "GatherElements", {x, ints({3, 1}, {0, 0, 0})}, attrs({{"axis", 1}}));
  expect_values(call("GatherND", {x, ints({2, 2}, {0, 1, -1, -1})}), {2}, {1, 5});
  expect_values(call("GatherND", {x, ints({1, 1}, {1})}), {1, 3}, {3, 4, 5});
  expect_values(call("GatherND", {x, ints({2, 1}, {2, 0})}, attrs({{"batch_dims", 1}})), {2},
                {2, 3});
  expect_fails("index 9", "GatherND", {x, ints({1, 1}, {9})});
  expect_fails("too long", "GatherND", {x, ints({1, 3}, {0, 0, 0})});
}

TEST(Scatter, ReplacesAndReduces) {
  const Tensor x = counting({3});
  const Tensor twice = list({1, 1});
  const Tensor updates = floats({2}, {10, 20});
  const auto scatter = [&](const std::string& reduction) {
    return call("ScatterElements", {x, twice, updates}, attrs({{"reduction", reduction}}));
  };
  expect_values(scatter("none"), {3}, {0, 20, 2});
  expect_values(scatter("add"), {3}, {0, 31, 2});
  expect_values(scatter("mul"), {3}, {0, 200, 2});
  expect_values(scatter("max"), {3}, {0, 20, 2});
  expect_values(scatter("min"), {3}, {0, 1, 2});
  expect_values(x, {3}, {0, 1, 2});  // the input is left alone
  expect_fails("unknown", "ScatterElements", {x, twice, updates}, attrs({{"reduction", "xor"}}));
  expect_fails("index 3", "ScatterElements", {x, list({3, 0}), updates});
  expect_values(call("ScatterND", {counting({2, 2}), ints({1, 1}, {-1}), floats({1, 2}, {7, 8})}),
                {2, 2}, {0, 1, 7, 8});
  expect_fails("must be", "ScatterND", {counting({2, 2}), ints({1, 1}, {0}), floats({1}, {7})});
}

TEST(Indicators, ByHand) {
  expect_values(call("OneHot", {list({1, -1, 7}), scalar(3), floats({2}, {-1, 1})}), {3, 3},
                {-1, 1, -1, -1, -1, 1, -1, -1, -1});
  expect_values(call("OneHot", {list({0, 1}), scalar(2), ints({2}, {0, 5})}, attrs({{"axis", 0}})),
                {2, 2}, {5, 0, 0, 5});
  expect_values(call("EyeLike", {noise({2, 3})}, attrs({{"k", 1}, {"dtype", 7}})), {2, 3},
                {0, 1, 0, 0, 0, 1});
  expect_values(call("NonZero", {floats({2, 2}, {0, 1, 2, 0})}), {2, 2}, {0, 1, 1, 0});
  expect_values(call("Trilu", {counting({2, 3}), scalar(-1)}, attrs({{"upper", 0}})), {2, 3},
                {0, 0, 0, 3, 0, 0});
  expect_values(call("Trilu", {counting({2, 3}), scalar(kMost)}), {2, 3}, {0, 0, 0, 0, 0, 0});
}

TEST(Makers, ShapesRangesAndConstants) {
  const Tensor x = noise({2, 3, 4});
  expect_values(call("Shape", {x}), {3}, {2, 3, 4});
  expect_values(call("Shape", {x}, attrs({{"start", -2}, {"end", 9}})), {2}, {3, 4});
  expect_values(call("Shape", {x}, attrs({{"start", 2}, {"end", 1}})), {0}, {});
  expect_values(call("Size", {x}), {}, {24});
  expect_values(call("Range", {floats({}, {1}), floats({}, {2}), floats({}, {0.25F})}), {4},
                {1, 1.25, 1.5, 1.75});
  expect_values(call("Range", {scalar(5), scalar(0), scalar(-2)}), {3}, {5, 3, 1});
  expect_values(call("Range", {scalar(kMost - 2), scalar(kMost), scalar(kMost)}), {1},
                {static_cast<double>(kMost - 2)});
  expect_fails("too long", "Range", {scalar(kLeast), scalar(kMost), scalar(1)});
  expect_fails("delta is 0", "Range", {scalar(0), scalar(1), scalar(0)});
  expect_values(call("ConstantOfShape", {list({2})}), {2}, {0, 0});
  expect_values(call("ConstantOfShape", {list({2, 1})}, attrs({{"value", list({7})}})), {2, 1},
                {7, 7});
  expect_fails("too large", "ConstantOfShape", {list({kMost, kMost, 0})});
  expect_fails("negative", "ConstantOfShape", {list({-1})});
  expect_values(call("Constant", {}, attrs({{"value_floats", std::vector<float>{1, 2}}})), {2},
                {1, 2});
  expect_values(call("Constant", {}, attrs({{"value_int", 4}})), {}, {4});
  expect_values(call("Constant", {}, attrs({{"value", list({7})}})), {1}, {7});
  EXPECT_EQ(call("Constant", {}, attrs({{"value_string", "x"}})).string_values()[0], "x");
  expect_fails("no value", "Constant", {});
  const std::vector<Tensor> dropped = call_all("Dropout", {x}, {}, 2);
  EXPECT_TRUE(same_content(dropped[0], x));
  expect_values(dropped[1], {2, 3, 4}, std::vector<double>(24, 1.0));
}

TEST(Resize, ModesByHand) {
  const Tensor x = floats({1, 1, 2}, {1, 3});
  const auto resize = [&](Tensor scales, const Attributes& attributes) {
    return call("Resize", {x, Tensor(), std::move(scales)}, attributes);
  };
  const Tensor twice = floats({3}, {1, 1, 2});
  expect_values(resize(twice, {}), {1, 1, 4}, {1, 1, 3, 3});
  expect_values(resize(twice, attrs({{"mode", "linear"}})), {1, 1, 4}, {1, 1.5, 2.5, 3});
  expect_values(resize(twice, attrs({{"mode", "linear"},
                                     {"coordinate_transformation_mode", "align_corners"}})),
                {1, 1, 4}, {1, 5.0 / 3, 7.0 / 3, 3});
  expect_values(
      resize(twice, attrs({{"mode", "linear"}, {"coordinate_transformation_mode", "asymmetric"}})),
      {1, 1, 4}, {1, 2, 3, 3});
  expect_values(call("Resize", {x, Tensor(), Tensor(), list({1, 1, 3})}), {1, 1, 3}, {1, 1, 3});
  expect_values(call("Resize", {x, twice}, {}, 10), {1, 1, 4}, {1, 1, 3, 3});
  expect_values(resize(floats({3}, {0, 1, 1}), {}), {0, 1, 2}, {});
  // A cubic through equal values is constant, whatever its weights.
  expect_values(call("Resize", {floats({1, 3}, {2, 2, 2}), Tensor(), floats({2}, {2, 1.7F})},
                     attrs({{"mode", "cubic"}})),
                {2, 5}, std::vector<double>(10, 2.0));
  expect_fails("either scales or sizes", "Resize", {x});
  expect_fails("out of range", "Resize", {x, Tensor(), floats({3}, {1, 1, -2})});
  expect_fails("mode quintic", "Resize", {x, Tensor(), twice}, attrs({{"mode", "quintic"}}));
}

}  // namespace
}  // namespace braid::reference
