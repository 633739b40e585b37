#include <algorithm>
#include <iterator>

#include "braid/merge.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

constexpr std::pair<Combination, const char*> kNames[] = {{Combination::None, "none"},
                                                          {Combination::Mean, "mean"},
                                                          {Combination::Weighted, "weighted"},
                                                          {Combination::Vote, "vote"},
                                                          {Combination::Concat, "concat"}};

}  // namespace

std::string to_string(Combination combination) {
  const auto* const found =
      std::find_if(std::begin(kNames), std::end(kNames),
                   [&](const auto& entry) { return entry.first == combination; });
  BRAID_ASSERT(found != std::end(kNames), "every combination has a name");
  return found->second;
}

std::optional<Combination> find_combination(const std::string& name) {
  const auto* const found = std::find_if(std::begin(kNames), std::end(kNames),
                                         [&](const auto& entry) { return entry.second == name; });
  if (found == std::end(kNames)) return std::nullopt;
  return found->first;
}

}  // namespace braid
