#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace braid::cpu {

/// Copies the element at from_offset + sum of index * from to that at to_offset + sum of index *
/// to, for all indices of some axes. Transpose, Slice, Expand and their kin are such copies.
/// Offsets and strides are in elements; those of the source may be 0 or negative.
struct StridedCopy {
  struct Axis {
    std::int64_t size = 1;
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  std::vector<Axis> axes;
  std::int64_t from_offset = 0;
  std::int64_t to_offset = 0;
};

/// The most axes that copy_strided() takes.
inline constexpr std::size_t kMostAxes = 8;

/// The same copy with as few axes as can be, in the order in which the target lies in memory; none
/// of them has one element only.
StridedCopy simplified(StridedCopy copy);

/// Elements have 1, 2, 4 or 8 bytes. `copy` is simplified; no element of the target is one of the
/// source, but they may lie in one buffer.
void copy_strided(const StridedCopy& copy, std::int64_t width, const std::byte* from,
                  std::byte* to);

}  // namespace braid::cpu
