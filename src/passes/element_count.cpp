#include "passes/element_count.hpp"

#include <algorithm>

namespace braid {

std::optional<ElementCount> count_elements(std::span<const Dim> dims) {
  ElementCount count;
  for (const Dim& dim : dims) {
    if (dim.is_known()) {
      count.factor *= static_cast<std::uint64_t>(dim.size);
    } else if (!dim.symbol.empty()) {
      count.symbols.push_back(dim.symbol);
    } else {
      return std::nullopt;
    }
  }
  std::sort(count.symbols.begin(), count.symbols.end());
  return count;
}

std::optional<ElementCount> quotient(const ElementCount& count, const ElementCount& divisor) {
  if (divisor.factor == 0 || count.factor % divisor.factor != 0) return std::nullopt;
  if (!std::includes(count.symbols.begin(), count.symbols.end(), divisor.symbols.begin(),
                     divisor.symbols.end())) {
    return std::nullopt;
  }
  ElementCount result{count.factor / divisor.factor, {}};
  std::set_difference(count.symbols.begin(), count.symbols.end(), divisor.symbols.begin(),
                      divisor.symbols.end(), std::back_inserter(result.symbols));
  return result;
}

}  // namespace braid
