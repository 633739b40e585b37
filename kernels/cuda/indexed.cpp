#include "kernels/cuda/indexed.hpp"

#include <bit>
#include <limits>
#include <vector>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

using Dims = std::span<const std::int64_t>;

constexpr unsigned kThreads = 256;
constexpr std::int64_t kMostElements = std::numeric_limits<int>::max() - kThreads;

std::int64_t product(Dims dims) {
  std::int64_t result = 1;
  for (const std::int64_t dim : dims)
    result *= dim;
  return result;
}

std::vector<std::int64_t> strides_of(Dims dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;)
    strides[i - 1] = strides[i] * dims[i];
  return strides;
}

/// Tuples index the axes of the data from `first` on.
void index_axes(Dims data, std::size_t first, std::size_t length, IndexTuples& tuples) {
  const std::vector<std::int64_t> strides = strides_of(data);
  tuples.length = static_cast<int>(length);
  for (std::size_t i = 0; i < length; ++i) {
    tuples.dims[i] = static_cast<int>(data[first + i]);
    tuples.strides[i] = strides[first + i];
  }
}

bool fits(Dims data, Dims indices) {
  return data.size() <= kIndexedAxes && indices.size() <= kIndexedAxes + 1 &&
         product(data) <= kMostElements && product(indices) <= kMostElements;
}

void add_place(GatherAtArgs& args, std::int64_t size, std::int64_t stride) {
  args.sizes[args.axes] = fast_divisor(static_cast<int>(size));
  args.place_strides[args.axes++] = stride;
}

}  // namespace

bool shape_gather_elements(Dims data, Dims indices, std::size_t axis, GatherAtArgs& args) {
  if (!fits(data, indices)) return false;
  const std::vector<std::int64_t> strides = strides_of(data);
  index_axes(data, axis, 1, args.tuples);
  args.block = 1;
  args.axes = 0;
  args.count = static_cast<int>(product(indices));
  for (std::size_t i = data.size(); i-- > 0 && args.count > 0;)
    add_place(args, indices[i], i == axis ? 0 : strides[i]);
  return true;
}

bool shape_gather_nd(Dims data, Dims indices, std::size_t batch_dims, GatherAtArgs& args) {
  const auto length = static_cast<std::size_t>(indices.back());
  const std::int64_t block = product(data.subspan(batch_dims + length));
  const Dims places = indices.first(indices.size() - 1);
  if (!fits(data, indices) || product(places) * block > kMostElements) return false;
  index_axes(data, batch_dims, length, args.tuples);
  args.block = static_cast<int>(block);
  args.axes = 0;
  args.count = static_cast<int>(product(places));
  if (args.count == 0) return true;
  add_place(args, product(places.subspan(batch_dims)), 0);
  add_place(args, product(places.first(batch_dims)), product(data.subspan(batch_dims)));
  return true;
}

bool shape_scatter_elements(Dims data, Dims indices, std::size_t axis, ScatterArgs& args) {
  if (!fits(data, indices)) return false;
  const std::vector<std::int64_t> data_strides = strides_of(data);
  const std::vector<std::int64_t> strides = strides_of(indices);
  index_axes(data, axis, 1, args.tuples);
  args.block = 1;
  args.axes = 0;
  args.count = static_cast<int>(product(data));
  args.candidates = static_cast<int>(indices[axis]);
  args.step = strides[axis];
  for (std::size_t i = data.size(); i-- > 0 && args.count > 0;) {
    const bool is_indexed = i == axis;
    args.sizes[args.axes] = fast_divisor(static_cast<int>(data[i]));
    args.limits[args.axes] = static_cast<int>(is_indexed ? data[i] : indices[i]);
    args.starts[args.axes] = is_indexed ? 0 : strides[i];
    args.offsets[args.axes++] = is_indexed ? data_strides[i] : 0;
  }
  return true;
}

bool shape_scatter_nd(Dims data, Dims indices, ScatterArgs& args) {
  if (!fits(data, indices)) return false;
  const auto length = static_cast<std::size_t>(indices.back());
  index_axes(data, 0, length, args.tuples);
  const std::int64_t block = product(data.subspan(length));
  args.block = static_cast<int>(block);
  args.count = static_cast<int>(product(data));
  args.candidates = static_cast<int>(product(indices.first(indices.size() - 1)));
  args.step = 1;
  args.axes = 1;
  const auto blocks = static_cast<int>(product(data.first(length)));
  if (blocks > 0) args.sizes[0] = fast_divisor(blocks);
  args.limits[0] = blocks;
  args.starts[0] = 0;
  args.offsets[0] = block;
  return true;
}

Launch launch_gather_at(const GatherAtArgs& args) {
  static constexpr const char* kNames[] = {"gather_at_1", "gather_at_2", "gather_at_4",
                                           "gather_at_8"};
  return {kNames[std::countr_zero(static_cast<unsigned>(args.width))],
          {blocks_for(std::int64_t{args.count} * args.block, kThreads)},
          {kThreads}};
}

Launch launch_scatter(const ScatterArgs& args, Stored stored) {
  static constexpr StoredNames kNames = BRAID_STORED_NAMES("scatter");
  return {kNames[at(stored)], {blocks_for(args.count, kThreads)}, {kThreads}};
}

}  // namespace braid::cuda
