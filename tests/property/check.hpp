#pragma once

#include <optional>
#include <string>

#include "property/case.hpp"

namespace braid::property {

struct CheckOptions {
  bool saves = false;         ///< also save and load the merged model
  bool merges_twice = false;  ///< also merge again: the result must be the same
};

/// What became of a case.
struct Outcome {
  std::string failure;  ///< kind of failure, the same while a case shrinks; empty: passed
  std::string details;
  int sizes_run = 0;  ///< batch sizes at which the members ran
  /// Whether exchanging two members' weights changed the outputs; empty where none differ.
  std::optional<bool> control;
  std::uint64_t unique_bytes = 0;  ///< of the members' float constants, each distinct one once
  std::uint64_t merged_bytes = 0;  ///< of the merged model's float constants
  std::int64_t member_nodes = 0;
  std::int64_t merged_nodes = 0;
};

/// Merges a case and compares the merged model with each member on its own, at several sizes.
Outcome check(const Case& test, const CheckOptions& options);

}  // namespace braid::property
