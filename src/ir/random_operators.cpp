#include "ir/random_operators.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace braid {

bool is_random(const Node& node) {
  static constexpr std::array<std::string_view, 6> kRandom = {"Bernoulli",     "Multinomial",
                                                              "RandomNormal",  "RandomNormalLike",
                                                              "RandomUniform", "RandomUniformLike"};
  if (!node.domain.empty()) return false;
  // Dropout draws if it is told that it trains, which may be known at run time only.
  if (node.is("Dropout")) return node.input(2) != kAbsent;
  return std::find(kRandom.begin(), kRandom.end(), node.op_type) != kRandom.end();
}

}  // namespace braid
