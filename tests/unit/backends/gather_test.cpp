#include <gmock/gmock.h>

#include <random>

#include "tests/unit/backends/bound_kernel.hpp"

namespace braid {
namespace {

using reference::attrs;
using reference::Dims;
using reference::ints;
using reference::list;
using reference::noise;
using reference::scalar;
using testing_support::Call;
using testing_support::expect_bound_as_reference;
using testing_support::is_bound;

constexpr DType kOfEachWidth[] = {DType::Int8, DType::BFloat16, DType::Float32, DType::Int64};

/// Indices into a dimension, of both signs.
Tensor indices_into(std::int64_t dim, const Dims& dims, DType dtype = DType::Int64,
                    unsigned seed = 1) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int64_t> index(-dim, dim - 1);
  std::vector<double> values(static_cast<std::size_t>(reference::product(dims)));
  for (double& value : values)
    value = static_cast<double>(index(random));
  return reference::tensor(dtype, dims, values);
}

/// The bound kernel refuses as the caller's fault, with the reference's words.
void expect_refuses(const Call& call, const std::vector<Tensor>& outputs, const std::string& part) {
  PackedWeights weights;
  const auto kernel = testing_support::bind(call, outputs, weights);
  ASSERT_NE(kernel, nullptr);
  try {
    testing_support::run(*kernel, call, outputs);
    ADD_FAILURE() << call.op << " did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    EXPECT_THAT(error.what(), testing::HasSubstr(part));
  }
  reference::expect_fails(part, call.op, call.inputs, call.attributes);
}

TEST(CpuGatherTest, AnyAxisAndWidth) {
  for (const DType dtype : kOfEachWidth) {
    const Tensor x = noise({3, 5, 7}, dtype);
    for (const std::int64_t axis : {-3, -2, -1, 0, 1, 2}) {
      const Attributes attributes = attrs({{"axis", axis}});
      const std::int64_t dim = x.dims()[static_cast<std::size_t>((axis + 3) % 3)];
      for (const Dims& dims : {Dims{}, Dims{1}, Dims{2, 4}, Dims{300}}) {
        expect_bound_as_reference({"Gather", {x, indices_into(dim, dims)}, attributes});
        expect_bound_as_reference(
            {"Gather", {x, indices_into(dim, dims, DType::Int32)}, attributes});
      }
    }
  }
}

TEST(CpuGatherTest, RowsOfATableOnSeveralThreads) {
  expect_bound_as_reference({"Gather", {noise({100, 768}), indices_into(100, {2, 128})}});
}

TEST(CpuGatherTest, RefusesIndicesBeyond) {
  const std::vector<Tensor> row = {noise({1, 4})};
  const std::string part = " is out of range for a dimension of 3";
  expect_refuses({"Gather", {noise({3, 4}), list({3})}}, row, "index 3" + part);
  expect_refuses({"Gather", {noise({3, 4}), list({-4})}}, row, "index -4" + part);
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  expect_refuses({"Gather", {noise({3, 4}), list({least})}}, row, std::to_string(least) + part);
  std::vector<std::int64_t> many(100000, 1);
  many[99999] = 7;
  expect_refuses({"Gather", {noise({3}), list(many)}}, {noise({100000})}, "index 7" + part);
}

TEST(CpuGatherElementsTest, AnyAxisAndSmallerIndices) {
  for (const DType dtype : kOfEachWidth) {
    const Tensor x = noise({4, 5, 6}, dtype);
    for (const std::int64_t axis : {0, 1, -1}) {
      const std::int64_t dim = x.dims()[static_cast<std::size_t>((axis + 3) % 3)];
      Dims dims{3, 2, 6};
      dims[static_cast<std::size_t>((axis + 3) % 3)] = 9;
      expect_bound_as_reference(
          {"GatherElements", {x, indices_into(dim, dims)}, attrs({{"axis", axis}})});
    }
  }
  expect_refuses({"GatherElements", {noise({2, 2}), ints({1, 1}, {2})}}, {noise({1, 1})},
                 "index 2");
}

TEST(CpuGatherNDTest, TuplesAndBatches) {
  for (const DType dtype : kOfEachWidth) {
    const Tensor x = noise({3, 4, 3, 2}, dtype);
    for (const std::int64_t length : {1, 3})
      expect_bound_as_reference({"GatherND", {x, indices_into(3, {2, 5, length})}});
    expect_bound_as_reference(
        {"GatherND", {x, indices_into(3, {3, 4, 5, 1})}, attrs({{"batch_dims", 2}})});
    expect_bound_as_reference(
        {"GatherND", {x, indices_into(3, {3, 2}, DType::Int32)}, attrs({{"batch_dims", 1}})});
  }
  expect_refuses({"GatherND", {noise({2, 3}), ints({1, 2}, {1, -4})}}, {noise({1})}, "index -4");
}

TEST(CpuScatterTest, LastOfEqualIndicesStays) {
  for (const DType dtype : kOfEachWidth) {
    const Tensor x = noise({4, 5, 6}, dtype);
    for (const std::int64_t axis : {0, 1, -1}) {
      const std::int64_t dim = x.dims()[static_cast<std::size_t>((axis + 3) % 3)];
      Dims dims{3, 2, 6};
      dims[static_cast<std::size_t>((axis + 3) % 3)] = 9;
      expect_bound_as_reference({"ScatterElements",
                                 {x, indices_into(dim, dims), noise(dims, dtype, 2.0)},
                                 attrs({{"axis", axis}})});
    }
    expect_bound_as_reference(
        {"ScatterND", {x, indices_into(4, {20, 1}), noise({20, 5, 6}, dtype, 2.0)}});
    expect_bound_as_reference(
        {"ScatterND", {x, indices_into(4, {3, 2, 3}), noise({3, 2}, dtype, 2.0)}});
  }
  expect_refuses({"ScatterND", {noise({3}), ints({1, 1}, {3}), noise({1})}}, {noise({3})},
                 "index 3");
}

TEST(CpuScatterTest, ReductionsAreLeftToTheReference) {
  const Attributes add = attrs({{"reduction", std::string("add")}});
  EXPECT_FALSE(is_bound({"ScatterND", {noise({3}), ints({1, 1}, {0}), noise({1})}, add}));
  EXPECT_FALSE(is_bound({"ScatterElements", {noise({3}), list({0}), noise({1})}, add}));
}

}  // namespace
}  // namespace braid
