#include <random>

#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::list;
using reference::noise;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

constexpr DType kOfEachWidth[] = {DType::Int8, DType::BFloat16, DType::Float32, DType::Int64};

using Random = std::mt19937;

std::int64_t draw(Random& random, std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random);
}

// Mostly odd sizes, and now and then one that is longer than a tile or a panel.
Dims draw_dims(Random& random, std::int64_t rank) {
  Dims dims;
  for (std::int64_t d = 0; d < rank; ++d)
    dims.push_back(draw(random, 0, 9) == 0 ? draw(random, 60, 70) : draw(random, 1, 5));
  if (draw(random, 0, 19) == 0 && !dims.empty()) dims[0] = 0;
  return dims;
}

DType draw_type(Random& random) {
  return kOfEachWidth[draw(random, 0, 3)];
}

TEST(CpuTransposeTest, AnyOrderOfAxes) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const std::int64_t rank = draw(random, 0, 6);
    Dims perm;
    for (std::int64_t d = 0; d < rank; ++d)
      perm.push_back(d);
    std::shuffle(perm.begin(), perm.end(), random);
    const Tensor x = noise(draw_dims(random, rank), draw_type(random));
    expect_bound_as_reference({"Transpose", {x}, attrs({{"perm", perm}})});
  }
  expect_bound_as_reference({"Transpose", {noise({2, 3, 4})}});
}

TEST(CpuTransposeTest, WholeTilesOnSeveralThreads) {
  for (const DType dtype : kOfEachWidth) {
    expect_bound_as_reference(
        {"Transpose", {noise({2, 48, 3, 131}, dtype)}, attrs({{"perm", Dims{0, 3, 2, 1}}})});
    expect_bound_as_reference(
        {"Transpose", {noise({1, 64, 40, 33}, dtype)}, attrs({{"perm", Dims{0, 2, 3, 1}}})});
    expect_bound_as_reference(
        {"Transpose", {noise({2, 64, 12, 32}, dtype)}, attrs({{"perm", Dims{0, 2, 1, 3}}})});
  }
}

TEST(CpuConcatTest, JoinsAlongAnyAxis) {
  Random random(2);
  for (int i = 0; i < 100; ++i) {
    const std::int64_t rank = draw(random, 1, 4);
    const std::int64_t axis = draw(random, -rank, rank - 1);
    const DType dtype = draw_type(random);
    Dims dims = draw_dims(random, rank);
    std::vector<Tensor> parts;
    for (std::int64_t k = draw(random, 1, 4); k-- > 0;) {
      dims[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = draw(random, 0, 5);
      parts.push_back(noise(dims, dtype, static_cast<double>(k)));
    }
    expect_bound_as_reference({"Concat", parts, attrs({{"axis", axis}})});
  }
}

TEST(CpuSplitTest, DividesAnyAxis) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const std::int64_t rank = draw(random, 1, 4);
    const std::int64_t axis = draw(random, -rank, rank - 1);
    Dims sizes;
    std::int64_t total = 0;
    for (std::int64_t k = draw(random, 1, 4); k-- > 0;)
      total += sizes.emplace_back(draw(random, 0, 5));
    Dims dims = draw_dims(random, rank);
    dims[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = total;
    expect_bound_as_reference({.op = "Split",
                               .inputs = {noise(dims, draw_type(random)), list(sizes)},
                               .attributes = attrs({{"axis", axis}}),
                               .constants = {1},
                               .outputs = sizes.size()});
  }
}

TEST(CpuSliceTest, AnyStartEndAndStep) {
  Random random(4);
  constexpr std::int64_t kEnds[] = {std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};
  for (int i = 0; i < 300; ++i) {
    const std::int64_t rank = draw(random, 1, 4);
    Dims starts, ends, axes, steps;
    for (std::int64_t axis = 0; axis < rank; ++axis) {
      if (draw(random, 0, 2) == 0) continue;
      starts.push_back(draw(random, -7, 7));
      ends.push_back(draw(random, 0, 4) == 0 ? kEnds[draw(random, 0, 1)] : draw(random, -7, 7));
      axes.push_back(draw(random, 0, 1) == 0 ? axis : axis - rank);
      steps.push_back(draw(random, 0, 1) == 0 ? draw(random, 1, 3) : -draw(random, 1, 3));
      if (draw(random, 0, 19) == 0) steps.back() = kEnds[draw(random, 0, 1)];
    }
    const Tensor x = noise(draw_dims(random, rank), draw_type(random));
    expect_bound_as_reference({.op = "Slice",
                               .inputs = {x, list(starts), list(ends), list(axes), list(steps)},
                               .constants = {1, 2, 3, 4}});
  }
}

TEST(CpuSliceTest, OldFormHasAttributes) {
  expect_bound_as_reference(
      {.op = "Slice",
       .inputs = {noise({4, 5})},
       .attributes = attrs({{"starts", Dims{1, -3}}, {"ends", Dims{9, -1}}, {"axes", Dims{0, 1}}}),
       .opset = 9});
}

TEST(CpuSliceTest, ComputedStartsAreLeftToTheReference) {
  EXPECT_FALSE(is_bound({"Slice", {noise({4}), list({1}), list({3})}}));
}

TEST(CpuExpandTest, RepeatsOnes) {
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    Dims target = draw_dims(random, draw(random, 0, 5));
    Dims dims(target.begin() + draw(random, 0, static_cast<std::int64_t>(target.size())),
              target.end());
    for (std::int64_t& dim : dims) {
      if (draw(random, 0, 1) == 0) dim = 1;
    }
    expect_bound_as_reference({.op = "Expand",
                               .inputs = {noise(dims, draw_type(random)), list(target)},
                               .constants = {1}});
  }
}

TEST(CpuTileTest, RepeatsAxes) {
  Random random(6);
  for (int i = 0; i < 100; ++i) {
    const Dims dims = draw_dims(random, draw(random, 0, 4));
    Dims repeats;
    for (std::size_t d = 0; d < dims.size(); ++d)
      repeats.push_back(draw(random, 0, 9) == 0 ? 0 : draw(random, 1, 3));
    expect_bound_as_reference({.op = "Tile",
                               .inputs = {noise(dims, draw_type(random)), list(repeats)},
                               .constants = {1}});
  }
}

TEST(CpuPadTest, AllModesAndCuts) {
  Random random(7);
  for (const char* mode : {"constant", "edge", "reflect", "wrap"}) {
    for (int i = 0; i < 100; ++i) {
      const std::int64_t rank = draw(random, 1, 4);
      Dims dims = draw_dims(random, rank);
      dims[0] = std::max<std::int64_t>(dims[0], 1);
      Dims pads;
      for (std::int64_t k = 0; k < 2 * rank; ++k) {
        const bool cuts = dims[static_cast<std::size_t>(k % rank)] > 2 && draw(random, 0, 3) == 0;
        pads.push_back(cuts ? -1 : draw(random, 0, 6));
      }
      const DType dtype = draw_type(random);
      expect_bound_as_reference({.op = "Pad",
                                 .inputs = {noise(dims, dtype), list(pads), noise({}, dtype)},
                                 .attributes = attrs({{"mode", std::string(mode)}}),
                                 .constants = {1}});
    }
  }
}

TEST(CpuPadTest, SomeAxesAndNothing) {
  expect_bound_as_reference(
      {.op = "Pad",
       .inputs = {noise({2, 3, 4}), list({1, 0, 2, 3}), Tensor(), list({-1, 0})},
       .constants = {1, 3}});
  expect_bound_as_reference(
      {.op = "Pad", .inputs = {noise({0, 3}), list({1, 0, 2, 1})}, .constants = {1}});
  expect_bound_as_reference({.op = "Pad", .inputs = {noise({}), list({})}, .constants = {1}});
}

TEST(CpuDepthToSpaceTest, BothModesAndBack) {
  for (const DType dtype : kOfEachWidth) {
    const Tensor deep = noise({2, 18, 5, 7}, dtype);
    for (const char* mode : {"DCR", "CRD"}) {
      expect_bound_as_reference(
          {"DepthToSpace", {deep}, attrs({{"blocksize", 3}, {"mode", std::string(mode)}})});
    }
    expect_bound_as_reference(
        {"SpaceToDepth", {noise({2, 3, 6, 10}, dtype)}, attrs({{"blocksize", 2}})});
  }
}

TEST(CpuConstantOfShapeTest, AnyValue) {
  expect_bound_as_reference({.op = "ConstantOfShape", .inputs = {list({3, 5})}, .constants = {0}});
  expect_bound_as_reference({.op = "ConstantOfShape",
                             .inputs = {list({7})},
                             .attributes = attrs({{"value", list({-4})}}),
                             .constants = {0}});
}

}  // namespace
}  // namespace braid
