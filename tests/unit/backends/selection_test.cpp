#include <limits>

#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::floats;
using reference::list;
using reference::noise;
using reference::scalar;
using reference::tensor;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

constexpr DType kNumbers[] = {DType::Float32, DType::Float64, DType::Int32, DType::Int64};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

const Tensor kSpecial = floats({2, 6}, {1, kNan, kInfinity, kNan, -kInfinity, 2,  //
                                        -kInfinity, -3, 5, 5, -kInfinity, 5});

TEST(CpuTopKTest, AnyAxisAndTies) {
  for (const DType dtype : kNumbers) {
    const Tensor x = noise({7, 33, 3}, dtype);  // integers from -3 to 3: mostly ties
    for (const std::int64_t axis : {0, 1, 2, -2}) {
      const std::int64_t most = x.dims()[static_cast<std::size_t>((axis + 3) % 3)];
      for (const std::int64_t k : {std::int64_t{1}, std::int64_t{2}, most / 2 + 1, most}) {
        for (const std::int64_t largest : {0, 1}) {
          expect_bound_as_reference({.op = "TopK",
                                     .inputs = {x, list({k})},
                                     .attributes = attrs({{"axis", axis}, {"largest", largest}}),
                                     .constants = {1},
                                     .outputs = 2});
        }
      }
    }
  }
}

TEST(CpuTopKTest, NanIsTheLargest) {
  for (const std::int64_t largest : {0, 1}) {
    for (const std::int64_t k : {1, 3, 6}) {
      expect_bound_as_reference({.op = "TopK",
                                 .inputs = {kSpecial, list({k})},
                                 .attributes = attrs({{"largest", largest}}),
                                 .constants = {1},
                                 .outputs = 2});
    }
  }
}

TEST(CpuTopKTest, ManyLinesOnSeveralThreads) {
  expect_bound_as_reference(
      {.op = "TopK", .inputs = {noise({64, 1000}), list({5})}, .constants = {1}, .outputs = 2});
}

TEST(CpuTopKTest, ComputedKIsLeftToTheReference) {
  EXPECT_FALSE(is_bound({.op = "TopK", .inputs = {noise({5}), list({2})}, .outputs = 2}));
}

TEST(CpuArgMaxTest, AnyAxisAndTies) {
  for (const char* op : {"ArgMax", "ArgMin"}) {
    for (const DType dtype : kNumbers) {
      const Tensor x = noise({5, 33, 19}, dtype);
      for (const std::int64_t axis : {0, 1, 2, -1}) {
        for (const std::int64_t last : {0, 1}) {
          expect_bound_as_reference(
              {.op = op,
               .inputs = {x},
               .attributes =
                   attrs({{"axis", axis}, {"select_last_index", last}, {"keepdims", 1 - last}})});
        }
      }
    }
  }
}

TEST(CpuArgMaxTest, TheFirstNanIsFound) {
  for (const char* op : {"ArgMax", "ArgMin"}) {
    for (const std::int64_t axis : {0, 1})
      expect_bound_as_reference(
          {.op = op, .inputs = {kSpecial}, .attributes = attrs({{"axis", axis}})});
  }
}

TEST(CpuCumSumTest, AnyAxisAndDirection) {
  for (const DType dtype : kNumbers) {
    for (const std::int64_t axis : {0, 1, 2, -1}) {
      for (const std::int64_t flags : {0, 1, 2, 3}) {
        expect_bound_as_reference(
            {.op = "CumSum",
             .inputs = {noise({4, 9, 7}, dtype), scalar(axis)},
             .attributes = attrs({{"exclusive", flags & 1}, {"reverse", flags >> 1}}),
             .constants = {1}},
            1e-5);  // float sums of up to nine numbers
      }
    }
  }
}

TEST(CpuReverseSequenceTest, BothLayouts) {
  for (const DType dtype : {DType::Int8, DType::Float16, DType::Float32, DType::Int64}) {
    for (const std::int64_t batch : {0, 1}) {
      const Tensor lengths = batch == 0 ? list({0, 3, 5, 1}) : list({4, 0, 2, 3, 1});
      expect_bound_as_reference(
          {.op = "ReverseSequence",
           .inputs = {noise({4, 5, 3}, dtype), lengths},
           .attributes = attrs({{"batch_axis", batch}, {"time_axis", 1 - batch}})});
    }
  }
}

TEST(CpuReverseSequenceTest, RefusesLengthsBeyond) {
  const std::vector<Tensor> like = {noise({2, 2})};
  PackedWeights weights;
  const testing_support::Call call{.op = "ReverseSequence", .inputs = {like[0], list({1, 3})}};
  const auto kernel = testing_support::bind(call, like, weights);
  ASSERT_NE(kernel, nullptr);
  EXPECT_THROW(testing_support::run(*kernel, call, like), Error);
}

TEST(CpuOneHotTest, AnyAxisAndIndicesBeyond) {
  for (const DType dtype : {DType::Bool, DType::BFloat16, DType::Float32, DType::Int64}) {
    const Tensor values = tensor(dtype, {2}, {0, 1});
    for (const DType index : {DType::Int32, DType::Int64}) {
      const Tensor indices = tensor(index, {2, 3}, {0, -1, 4, 5, -5, -6});
      for (const std::int64_t axis : {0, 1, -1}) {
        expect_bound_as_reference({.op = "OneHot",
                                   .inputs = {indices, scalar(5), values},
                                   .attributes = attrs({{"axis", axis}}),
                                   .constants = {1}});
      }
    }
  }
}

TEST(CpuTriluTest, BothSidesOfAnyDiagonal) {
  for (const DType dtype : {DType::Int8, DType::Float16, DType::Float32, DType::Int64}) {
    for (const std::int64_t k : {-9, -2, 0, 1, 9}) {
      for (const std::int64_t upper : {0, 1}) {
        expect_bound_as_reference({.op = "Trilu",
                                   .inputs = {noise({2, 4, 5}, dtype), scalar(k)},
                                   .attributes = attrs({{"upper", upper}}),
                                   .constants = {1}});
      }
    }
  }
  expect_bound_as_reference({.op = "Trilu", .inputs = {noise({3, 3})}});
}

TEST(CpuEyeLikeTest, AnyDiagonalAndType) {
  for (const std::int64_t k : {-9, -3, -1, 0, 2, 4, 9}) {
    expect_bound_as_reference(
        {.op = "EyeLike", .inputs = {noise({4, 5})}, .attributes = attrs({{"k", k}})});
    const auto dtype = static_cast<std::int64_t>(DType::Int64);
    expect_bound_as_reference({.op = "EyeLike",
                               .inputs = {noise({5, 2})},
                               .attributes = attrs({{"k", k}, {"dtype", dtype}})});
  }
}

TEST(CpuResizeTest, NearestAndLinear) {
  const Tensor x = noise({2, 3, 9, 7});
  const std::vector<std::string> places = {"half_pixel", "asymmetric", "align_corners",
                                           "pytorch_half_pixel", "half_pixel_symmetric"};
  for (const std::string mode : {"nearest", "linear"}) {
    for (const std::string& place : places) {
      for (const Dims& size : {Dims{18, 14}, Dims{5, 20}, Dims{1, 3}, Dims{9, 7}}) {
        expect_bound_as_reference(
            {.op = "Resize",
             .inputs = {x, Tensor(), Tensor(), list({2, 3, size[0], size[1]})},
             .attributes = attrs({{"mode", mode}, {"coordinate_transformation_mode", place}}),
             .constants = {3}},
            1e-5);
      }
    }
  }
}

TEST(CpuResizeTest, NearestOfAnyWidth) {
  for (const DType dtype : {DType::Int8, DType::Float16, DType::Float32, DType::Int64}) {
    expect_bound_as_reference(
        {.op = "Resize",
         .inputs = {noise({1, 2, 33, 40}, dtype), Tensor(), floats({4}, {1, 1, 2, 2})},
         .attributes = attrs({{"nearest_mode", std::string("floor")}}),
         .constants = {2}});
  }
  expect_bound_as_reference({.op = "Upsample",
                             .inputs = {noise({1, 1, 3, 4}), floats({4}, {1, 1, 2, 3})},
                             .constants = {1},
                             .opset = 9});
}

TEST(CpuResizeTest, TheRestIsLeftToTheReference) {
  const auto resize = [](const Attributes& attributes, const std::vector<float>& scales) {
    return is_bound({.op = "Resize",
                     .inputs = {noise({1, 2, 6, 6}), Tensor(), floats({4}, scales)},
                     .attributes = attributes,
                     .constants = {2}});
  };
  EXPECT_TRUE(resize({}, {1, 1, 2, 2}));
  EXPECT_FALSE(resize({}, {1, 2, 2, 2}));
  EXPECT_FALSE(resize(attrs({{"mode", std::string("cubic")}}), {1, 1, 2, 2}));
  EXPECT_FALSE(
      resize(attrs({{"mode", std::string("linear")}, {"antialias", 1}}), {1, 1, 0.5F, 0.5F}));
}

}  // namespace
}  // namespace braid
