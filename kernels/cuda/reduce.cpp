#include "kernels/cuda/reduce.hpp"

#include <limits>
#include <stdexcept>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 256;
constexpr int kLongestForWarp = 1024;

// Axes come innermost first; one that continues the last is joined with it.
bool add_axis(ReduceAxes& axes, std::int64_t size, std::int64_t stride) {
  if (size == 1) return true;
  const int last = axes.count - 1;
  if (last >= 0 && stride == axes.strides[last] * axes.sizes[last].divisor) {
    axes.sizes[last] = fast_divisor(static_cast<int>(axes.sizes[last].divisor * size));
    return true;
  }
  if (axes.count == kReduceAxes) return false;
  axes.sizes[axes.count] = fast_divisor(static_cast<int>(size));
  axes.strides[axes.count] = stride;
  ++axes.count;
  return true;
}

}  // namespace

bool shape_reduction(std::span<const std::int64_t> dims, std::span<const bool> is_reduced,
                     ReduceArgs& args) {
  std::int64_t results = 1;
  std::int64_t length = 1;
  std::int64_t stride = 1;
  args.kept = args.reduced = {};
  for (std::size_t dim = dims.size(); dim-- > 0;) {
    (is_reduced[dim] ? length : results) *= dims[dim];
    if (stride * dims[dim] > std::numeric_limits<int>::max() - kThreads) return false;
    if (dims[dim] > 0 && !add_axis(is_reduced[dim] ? args.reduced : args.kept, dims[dim], stride))
      return false;
    stride *= dims[dim];
  }
  args.results = static_cast<int>(results);
  args.length = static_cast<int>(length);
  return true;
}

Launch launch_reduce(const ReduceArgs& args, Stored stored) {
  static constexpr StoredNames kThread = BRAID_STORED_NAMES("reduce_thread");
  static constexpr StoredNames kWarp = BRAID_STORED_NAMES("reduce_warp");
  static constexpr StoredNames kBlock = BRAID_STORED_NAMES("reduce_block");
  if (stored > Stored::BFloat16 && args.reduction >= Reduction::L2)
    throw std::invalid_argument("a reduction that integers do not have");
  const bool is_adjacent = args.kept.count > 0 && args.kept.strides[0] == 1;
  if (is_adjacent || args.length <= 4)
    return {kThread[at(stored)], {blocks_for(args.results, kThreads)}, {kThreads}};
  if (args.length <= kLongestForWarp)
    return {kWarp[at(stored)], {blocks_for(args.results, kThreads / 32)}, {kThreads}};
  return {kBlock[at(stored)], {blocks_for(args.results, 1)}, {kThreads}};
}

}  // namespace braid::cuda
