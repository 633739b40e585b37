#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/types.hpp"

namespace braid {

/// How many elements a tensor has: a number times the sizes of symbolic dims.
struct ElementCount {
  std::uint64_t factor = 1;
  std::vector<std::string> symbols;  ///< sorted
  bool operator==(const ElementCount&) const = default;
};

/// Empty if a dim is neither a number nor a symbol.
std::optional<ElementCount> count_elements(std::span<const Dim> dims);

/// Empty if `divisor` does not divide `count` whatever the sizes, or is 0.
std::optional<ElementCount> quotient(const ElementCount& count, const ElementCount& divisor);

}  // namespace braid
