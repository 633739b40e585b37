#pragma once

#include <filesystem>

#include "braid/merge.hpp"
#include "tools/json_report.hpp"

/// The key "options" of a plan: how it was asked for, in the spelling of the command line. Groups,
/// the other half of a plan, are those of json_group_report().
Json json_options(const braid::MergeOptions& options);

/// Reads a plan that `braid plan --json` wrote and perhaps somebody edited. Of its groups it takes
/// "members" and "sites" (no sites: free choice), of its sites "node", "rule" ("free": free
/// choice) and "form", and all of its options. Throws Error (BadInput) naming file, place, cause
/// and fix.
braid::MergeOptions read_plan(const std::filesystem::path& path);
