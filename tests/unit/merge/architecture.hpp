#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"

namespace braid::testing_support {

/// Which members have the same weights, position by position.
enum class Pattern {
  Different,    ///< no two
  Shared,       ///< all
  TwoBlocks,    ///< the first half and the second half
  Interleaved,  ///< even and odd members
  FirstShared,  ///< all at the first position, none at the others
  Random,       ///< a partition of its own at every position
};

inline constexpr Pattern kPatterns[] = {Pattern::Different,   Pattern::Shared,
                                        Pattern::TwoBlocks,   Pattern::Interleaved,
                                        Pattern::FirstShared, Pattern::Random};

/// One case of tests/golden/merge/*.golden; rules.golden says what the parts mean.
struct Architecture {
  std::string title;
  std::string text;
  std::string constants;
  bool runs_per_member = false;
};

std::vector<Architecture> read_architectures();

/// `count` members of an architecture, weights drawn from `seed`.
std::vector<Member> make_members(const Architecture& architecture, int count, Pattern pattern,
                                 unsigned seed);

}  // namespace braid::testing_support
