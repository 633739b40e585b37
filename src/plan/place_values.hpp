#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace braid {

/// A piece of memory that is needed from one step to another, both included.
struct Lifetime {
  std::size_t bytes = 0;
  int first = 0;
  int last = 0;
};

/// By lifetime: bytes from the start of the arena.
struct Placement {
  std::vector<std::size_t> offsets;
  std::size_t total = 0;
};

/// Whether the piece that is needed earlier, by index, is no longer needed once the other one is,
/// also where steps run at once.
using AreOrdered = std::function<bool(std::size_t earlier, std::size_t later)>;

/// Places what is needed at the same time side by side, the largest first, each in the smallest gap
/// that holds it (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference,
/// 2020). Offsets are multiples of 64. Without `are_ordered` steps run one after the other.
Placement place_values(const std::vector<Lifetime>& lifetimes, const AreOrdered& are_ordered = {});

}  // namespace braid
