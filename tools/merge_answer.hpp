#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "braid/onnx.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// A file that `merge` made.
struct MergeResult {
  std::vector<std::string> names;  ///< of all members
  braid::Merged merged;
  std::filesystem::path path;
  braid::SavedFiles saved;
  std::size_t first_group = 0;  ///< how many groups are in the files before this one
  double seconds = 0;           ///< from loading to the last byte written
};

/// Prints groups, rules, sharing, and what was written; `sites`: also what became of each operator.
void print_merge_answer(const MergeResult& result, bool sites, const Answer& answer);

/// The keys "groups", "output" and "seconds" of a report, or of one of its files.
void put_merge_report(const MergeResult& result, Json& json);
