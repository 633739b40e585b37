#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "braid/onnx.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// What `merge` made.
struct MergeResult {
  std::vector<std::string> names;  ///< of the members
  braid::Merged merged;
  std::filesystem::path path;
  braid::SavedFiles saved;
  double seconds = 0;  ///< from loading to the last byte written
};

/// Prints groups, rules, sharing, and what was written; `sites`: also what became of each operator.
void print_merge_answer(const MergeResult& result, bool sites, const Answer& answer);

/// The keys "groups", "output" and "seconds" of a report.
void put_merge_report(const MergeResult& result, Json& json);
