#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/json_report.hpp"

/// One figure of one row that differs.
struct BenchChange {
  std::string row;     ///< "merged, 4 members, 2 threads"
  std::string figure;  ///< "flops", "median_ms"
  double before = 0;
  double after = 0;
  bool is_worse = false;  ///< by more than is allowed
};

struct BenchComparison {
  std::vector<BenchChange> changes;
  std::vector<std::string> missing;  ///< rows that only the old report has
  std::vector<std::string> added;    ///< rows that only the new report has
  std::vector<std::string> untimed;  ///< rows whose times are not compared, and why
  std::size_t rows = 0;              ///< that both have
  std::size_t figures = 0;           ///< that were compared

  bool is_worse() const;
};

/// A report of `braid bench --json`. Throws Error (BadInput) if it is none, or of another version.
Json load_bench_report(const std::filesystem::path& path);

/// Compares the rows that stand for the same thing: their counters, and their medians where both
/// were stable. What grew by more than the share `max_regress` is worse.
BenchComparison compare_reports(const Json& before, const Json& after, double max_regress,
                                bool counters_only);
