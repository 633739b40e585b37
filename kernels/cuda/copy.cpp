#include "kernels/cuda/copy.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 256;
constexpr int kWidest = 16;
constexpr std::int64_t kTile = 32;
constexpr std::int64_t kMostElements = std::numeric_limits<int>::max() - kThreads;

/// As few axes as can be, the innermost of the target first.
std::vector<CopyAxis> joined(std::vector<CopyAxis> axes) {
  std::erase_if(axes, [](const CopyAxis& axis) { return axis.size == 1; });
  std::ranges::stable_sort(axes, {}, &CopyAxis::to);
  std::vector<CopyAxis> result;
  for (const CopyAxis& axis : axes) {
    CopyAxis* const inner = result.empty() ? nullptr : &result.back();
    if (inner != nullptr && axis.from == inner->from * inner->size &&
        axis.to == inner->to * inner->size) {
      inner->size *= axis.size;
    } else {
      result.push_back(axis);
    }
  }
  return result;
}

/// Takes `factor` adjacent elements for one.
void widen(std::vector<CopyAxis>& axes, std::int64_t factor) {
  axes.front().size /= factor;
  for (std::size_t i = 1; i < axes.size(); ++i) {
    axes[i].from /= factor;
    axes[i].to /= factor;
  }
}

bool can_widen(const std::vector<CopyAxis>& axes, std::int64_t factor) {
  if (axes.empty() || axes.front().from != 1 || axes.front().to != 1) return false;
  return axes.front().size % factor == 0 &&
         std::all_of(axes.begin() + 1, axes.end(), [factor](const CopyAxis& axis) {
           return axis.from % factor == 0 && axis.to % factor == 0;
         });
}

/// Brings the axis that is adjacent in the source next to the one that is so in the target, if that
/// is another one and both are long enough for tiles.
bool arrange_for_tiles(std::vector<CopyAxis>& axes) {
  if (axes.size() < 2 || axes.front().from == 1 || axes.front().to != 1) return false;
  const auto adjacent = std::ranges::find(axes, 1, &CopyAxis::from);
  if (adjacent == axes.end() || adjacent->size < kTile / 4 || axes.front().size < kTile / 4)
    return false;
  std::rotate(axes.begin() + 1, adjacent, adjacent + 1);
  return true;
}

int log2_of(int width) {
  return std::countr_zero(static_cast<unsigned>(width));
}

}  // namespace

std::optional<CopyArgs> make_copy(const void* from, void* to, std::vector<CopyAxis> axes,
                                  int width) {
  std::int64_t count = 1;
  for (const CopyAxis& axis : axes)
    count *= axis.size;
  axes = count == 0 ? std::vector<CopyAxis>{} : joined(std::move(axes));
  const auto addresses = std::bit_cast<std::uintptr_t>(from) | std::bit_cast<std::uintptr_t>(to);
  int factor = kWidest / width;
  while (factor > 1 &&
         (addresses % static_cast<unsigned>(width * factor) != 0 || !can_widen(axes, factor)))
    factor /= 2;
  if (factor > 1) {
    widen(axes, factor);
    count /= factor;
    if (axes.front().size == 1) axes.erase(axes.begin());
  }
  if (axes.size() > kCopyAxes || count > kMostElements) return std::nullopt;
  CopyArgs args;
  args.is_tiled = factor == 1 && arrange_for_tiles(axes);
  args.from = from;
  args.to = to;
  args.count = static_cast<int>(count);
  args.width = width * factor;
  args.axes = static_cast<int>(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    args.sizes[i] = fast_divisor(static_cast<int>(axes[i].size));
    args.from_strides[i] = axes[i].from;
    args.to_strides[i] = axes[i].to;
  }
  return args;
}

Launch launch_copy(const CopyArgs& args) {
  static constexpr const char* kNames[] = {"copy_1", "copy_2", "copy_4", "copy_8", "copy_16"};
  static constexpr const char* kTiledNames[] = {"copy_tiled_1", "copy_tiled_2", "copy_tiled_4",
                                                "copy_tiled_8"};
  if (!args.is_tiled)
    return {kNames[log2_of(args.width)], {blocks_for(args.count, kThreads)}, {kThreads}};
  std::int64_t tiles = 1;
  for (int axis = 0; axis < args.axes; ++axis) {
    const std::int64_t size = args.sizes[axis].divisor;
    tiles *= axis < 2 ? (size + kTile - 1) / kTile : size;
  }
  return {kTiledNames[log2_of(args.width)], {blocks_for(tiles, 1)}, {kThreads}};
}

Launch launch_pad(const PadArgs& args) {
  static constexpr const char* kNames[] = {"pad_1", "pad_2", "pad_4", "pad_8"};
  return {kNames[log2_of(args.width)], {blocks_for(args.count, kThreads)}, {kThreads}};
}

}  // namespace braid::cuda
