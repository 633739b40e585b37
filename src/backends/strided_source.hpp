#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/operator.hpp"

/// Where operators that only move elements find those of their output, in order.
namespace braid {

/// Elements of an input: `dims` of them, so many elements apart, from the element `first` on. The
/// output has as many; its dims may be joined ones of these.
struct StridedSource {
  std::vector<std::int64_t> dims;
  std::vector<std::int64_t> strides;
  std::int64_t first = 0;
};

/// Of Slice; nothing if bounds are computed, or do not make up the output's dims.
std::optional<StridedSource> slice_source(const Operator& op);

/// Of Tile; nothing if the output's dims are no multiples of the input's.
std::optional<StridedSource> tile_source(const Operator& op);

/// Steps by which a contiguous tensor of `dims` is read as one of `to`, 0 along axes that it
/// broadcasts along; nothing if it does not broadcast.
std::optional<std::vector<std::int64_t>> broadcast_strides(const std::vector<std::int64_t>& dims,
                                                           const std::vector<std::int64_t>& to);

}  // namespace braid
