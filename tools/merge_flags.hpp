#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "tools/verbs.hpp"

/// What `merge` and `plan` are asked for on the command line.
struct MergeFlags {
  braid::MergeOptions options;
  std::vector<std::string> dims;
  std::filesystem::path plan;
  bool splits = false;  ///< one file per group
};

void add_merge_flags(CLI::App& verb, MergeFlags& flags);

/// The options for these members, those of the plan file if there is one. Throws Error (Usage) if
/// they do not suit the members, and what read_plan() throws.
braid::MergeOptions merge_options(const MergeFlags& flags,
                                  const std::vector<braid::Member>& members);

// Each sets an option from its spelling; returns what is wrong with that, nothing if it is right.
std::string set_target(braid::MergeOptions& options, const std::string& text);
std::string set_inputs(braid::MergeOptions& options, const std::string& text);
std::string set_combination(braid::MergeOptions& options, const std::string& text);

// The spellings of options.
std::string target_text(const braid::MergeOptions& options);
std::string inputs_text(const braid::MergeOptions& options);
std::string combination_text(const braid::MergeOptions& options);
