#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// What a Slice takes of one axis: the elements first, first + step, ...
struct SliceAxis {
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t size = 0;
};

/// The operands of a Slice; without axes these are the first ones, without steps these are 1.
struct SliceOperands {
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> ends;
  std::optional<std::vector<std::int64_t>> axes;
  std::optional<std::vector<std::int64_t>> steps;
};

/// Of a Slice of any opset; nothing if one of them is computed at run time.
std::optional<SliceOperands> constant_slice(const Graph& graph, const Node& node);

/// By axis of the data; nothing if the operands are not valid.
std::optional<std::vector<SliceAxis>> slice_region(const std::vector<std::int64_t>& dims,
                                                   const SliceOperands& operands);

}  // namespace braid
