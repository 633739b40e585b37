#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/operator.hpp"

namespace braid {

/// By axis: how many elements Pad adds in front and behind, less than 0 where it takes some away.
struct Pads {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> after;
};

/// Nothing if they are computed, or do not make up the output's dims.
std::optional<Pads> pads_of(const Operator& op);

}  // namespace braid
