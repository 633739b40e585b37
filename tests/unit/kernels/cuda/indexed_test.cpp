#include "kernels/cuda/indexed.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/stored.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

std::int64_t size_of(const Dims& dims) {
  std::int64_t size = 1;
  for (const std::int64_t dim : dims)
    size *= dim;
  return size;
}

/// The place of element `i` along every axis.
Dims places_of(std::int64_t i, const Dims& dims) {
  Dims places(dims.size());
  for (std::size_t d = dims.size(); d-- > 0;) {
    places[d] = i % dims[d];
    i /= dims[d];
  }
  return places;
}

std::int64_t offset_of(const Dims& places, const Dims& dims) {
  std::int64_t offset = 0;
  for (std::size_t d = 0; d < dims.size(); ++d)
    offset = offset * dims[d] + places[d];
  return offset;
}

/// Some of them count from the end.
Dims random_indices(std::size_t count, const std::function<std::int64_t(std::size_t)>& dim_of) {
  std::minstd_rand random(9);
  Dims indices(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto dim = static_cast<unsigned>(dim_of(i));
    indices[i] = static_cast<std::int64_t>(random() % dim) - (i % 3 == 0 ? dim : 0);
  }
  return indices;
}

std::int64_t wrapped(std::int64_t index, std::int64_t dim) {
  return index < 0 ? index + dim : index;
}

template <class T>
std::vector<T> counting(std::int64_t count) {
  std::vector<T> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(i + 1);
  return values;
}

struct ElementsCase {
  const char* name;
  Dims data;
  Dims indices;
  std::size_t axis;
};

const auto kElementsCases = testing::Values(
    ElementsCase{"one", {1}, {1}, 0}, ElementsCase{"rows", {5, 33}, {5, 7}, 1},
    ElementsCase{"columns", {9, 4, 3}, {20, 4, 3}, 0},
    ElementsCase{"fewer_places", {3, 5, 6}, {2, 9, 4}, 1}, ElementsCase{"long", {700}, {300}, 0});

class ElementsTest : public testing::TestWithParam<ElementsCase> {
 protected:
  const ElementsCase& c_ = GetParam();
  Dims indices_ = random_indices(static_cast<std::size_t>(size_of(c_.indices)),
                                 [this](std::size_t) { return c_.data[c_.axis]; });

  /// The element of the data that index i means.
  std::size_t meant(std::int64_t i) const {
    Dims places = places_of(i, c_.indices);
    places[c_.axis] = wrapped(indices_[static_cast<std::size_t>(i)], c_.data[c_.axis]);
    return static_cast<std::size_t>(offset_of(places, c_.data));
  }
};

TEST_P(ElementsTest, AreGathered) {
  const auto data = counting<std::int16_t>(size_of(c_.data));
  std::vector<std::int16_t> expected;
  for (std::int64_t i = 0; i < size_of(c_.indices); ++i)
    expected.push_back(data[meant(i)]);
  GatherAtArgs args;
  ASSERT_TRUE(shape_gather_elements(c_.data, c_.indices, c_.axis, args));
  args.width = 2;
  args.from = data.data();
  args.tuples.data = indices_.data();
  for (const emulator::Schedule schedule : kSchedules) {
    std::vector<std::int16_t> to(expected.size(), -1);
    args.to = to.data();
    emulator::launch(launch_gather_at(args), &args, schedule);
    EXPECT_EQ(to, expected);
  }
}

TEST_P(ElementsTest, AreScatteredInOrder) {
  const auto count = static_cast<std::size_t>(size_of(c_.data));
  const Values data = Values::random(Element::Half, count, 1);
  const Values updates = Values::random(Element::Half, indices_.size(), 2);
  ScatterArgs args;
  ASSERT_TRUE(shape_scatter_elements(c_.data, c_.indices, c_.axis, args));
  Values y(Element::Half, count);
  args.from = data.data();
  args.updates = updates.data();
  args.tuples.data = indices_.data();
  args.y = y.data();
  using Combine = std::function<double(double, double)>;
  const std::pair<ScatterReduction, Combine> reductions[] = {
      {ScatterReduction::None, [](double, double b) { return b; }},
      {ScatterReduction::Add, std::plus<>()},
      {ScatterReduction::Mul, std::multiplies<>()},
      {ScatterReduction::Max, [](double a, double b) { return std::fmax(a, b); }},
      {ScatterReduction::Min, [](double a, double b) { return std::fmin(a, b); }}};
  for (std::size_t r = 0; r < std::size(reductions); ++r) {
    args.reduction = reductions[r].first;
    std::vector<double> expected;
    for (std::size_t i = 0; i < count; ++i)
      expected.push_back(data[i]);
    for (std::int64_t i = 0; i < size_of(c_.indices); ++i) {
      double& element = expected[meant(i)];
      element = reductions[r].second(element, updates[static_cast<std::size_t>(i)]);
    }
    y.poison();
    emulator::launch(launch_scatter(args, Stored::Half), &args, kSchedules[r % 5]);
    expect_close(y, expected, 20 * 0x1p-24 + rounding_of(Element::Half));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ElementsTest, kElementsCases, name_of<ElementsCase>);

struct TuplesCase {
  const char* name;
  Dims data;
  Dims indices;  // the last one is the length of the tuples
  std::size_t batch_dims = 0;
};

class TuplesTest : public testing::TestWithParam<TuplesCase> {
 protected:
  const TuplesCase& c_ = GetParam();
  std::size_t length_ = static_cast<std::size_t>(c_.indices.back());
  Dims indices_ =
      random_indices(static_cast<std::size_t>(size_of(c_.indices)),
                     [this](std::size_t i) { return c_.data[c_.batch_dims + i % length_]; });
  std::int64_t block_ = size_of(
      Dims(c_.data.begin() + static_cast<std::ptrdiff_t>(c_.batch_dims + length_), c_.data.end()));
  std::int64_t tuples_ = size_of(c_.indices) / c_.indices.back();

  /// The first element of the data that tuple i means.
  std::int64_t meant(std::int64_t i) const {
    const Dims outer(c_.indices.begin(), c_.indices.end() - 1);
    Dims places = places_of(i, outer);
    places.resize(c_.batch_dims);
    for (std::size_t k = 0; k < length_; ++k)
      places.push_back(
          wrapped(indices_[static_cast<std::size_t>(i) * length_ + k], c_.data[c_.batch_dims + k]));
    places.resize(c_.data.size(), 0);
    return offset_of(places, c_.data);
  }
};

TEST_P(TuplesTest, NameWhatIsGathered) {
  const auto data = counting<std::int64_t>(size_of(c_.data));
  std::vector<std::int64_t> expected;
  for (std::int64_t i = 0; i < tuples_; ++i)
    for (std::int64_t k = 0; k < block_; ++k)
      expected.push_back(data[static_cast<std::size_t>(meant(i) + k)]);
  GatherAtArgs args;
  ASSERT_TRUE(shape_gather_nd(c_.data, c_.indices, c_.batch_dims, args));
  args.width = 8;
  args.from = data.data();
  args.tuples.data = indices_.data();
  for (const emulator::Schedule schedule : kSchedules) {
    std::vector<std::int64_t> to(expected.size(), -1);
    args.to = to.data();
    emulator::launch(launch_gather_at(args), &args, schedule);
    EXPECT_EQ(to, expected);
  }
}

TEST_P(TuplesTest, NameWhatIsScattered) {
  if (c_.batch_dims > 0) return;  // ScatterND has none
  const auto data = counting<std::int32_t>(size_of(c_.data));
  const auto updates = counting<std::int32_t>(tuples_ * block_);
  ScatterArgs args;
  ASSERT_TRUE(shape_scatter_nd(c_.data, c_.indices, args));
  args.from = data.data();
  args.updates = updates.data();
  args.tuples.data = indices_.data();
  for (const ScatterReduction reduction : {ScatterReduction::None, ScatterReduction::Add}) {
    args.reduction = reduction;
    std::vector<std::int32_t> expected = data;
    for (std::int64_t i = 0; i < tuples_; ++i)
      for (std::int64_t k = 0; k < block_; ++k) {
        std::int32_t& element = expected[static_cast<std::size_t>(meant(i) + k)];
        const std::int32_t update = updates[static_cast<std::size_t>(i * block_ + k)];
        element = reduction == ScatterReduction::Add ? element + update : update;
      }
    for (const emulator::Schedule schedule : kSchedules) {
      std::vector<std::int32_t> y(data.size(), -1);
      args.y = y.data();
      emulator::launch(launch_scatter(args, Stored::Int32), &args, schedule);
      EXPECT_EQ(y, expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, TuplesTest,
    testing::Values(TuplesCase{"rows", {7, 33}, {5, 1}}, TuplesCase{"elements", {4, 5, 3}, {9, 3}},
                    TuplesCase{"blocks", {4, 5, 3, 2}, {2, 6, 2}},
                    TuplesCase{"batches", {3, 6, 5}, {3, 4, 1}, 1},
                    TuplesCase{"batches_of_elements", {2, 3, 6}, {2, 3, 4, 1}, 2}),
    name_of<TuplesCase>);

TEST(Indexed, ReportsAnIndexOutOfRange) {
  const std::vector<float> data{1, 2, 3};
  const std::vector<std::int32_t> indices{2, 3, -4};
  std::vector<float> to(3, -1);
  int bad = 0;
  GatherAtArgs gather;
  ASSERT_TRUE(shape_gather_nd(Dims{3}, Dims{3, 1}, 0, gather));
  gather.from = data.data();
  gather.to = to.data();
  gather.bad = &bad;
  gather.tuples.data = indices.data();
  gather.tuples.is_wide = false;
  emulator::launch(launch_gather_at(gather), &gather);
  EXPECT_EQ(to, (std::vector<float>{3, 0, 0}));
  EXPECT_EQ(bad, 1);

  bad = 0;
  const std::vector<float> updates{7, 8, 9};
  ScatterArgs scatter;
  ASSERT_TRUE(shape_scatter_nd(Dims{3}, Dims{3, 1}, scatter));
  scatter.from = data.data();
  scatter.updates = updates.data();
  scatter.y = to.data();
  scatter.bad = &bad;
  scatter.tuples = gather.tuples;
  emulator::launch(launch_scatter(scatter, Stored::Float), &scatter);
  EXPECT_EQ(to, (std::vector<float>{1, 2, 7}));
  EXPECT_EQ(bad, 1);
}

TEST(Indexed, SaysWhatDoesNotFit) {
  const Dims dims(kIndexedAxes + 1, 1);
  GatherAtArgs args;
  EXPECT_FALSE(shape_gather_elements(dims, dims, 0, args));
  EXPECT_FALSE(shape_gather_nd(Dims{4, std::int64_t{1} << 31}, Dims{1, 1}, 0, args));
}

}  // namespace
}  // namespace braid::cuda
