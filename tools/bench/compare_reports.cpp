#include "tools/bench/compare_reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <map>

#include "braid/error.hpp"
#include "tools/bench/bench_rows.hpp"

namespace {

constexpr std::array kCounters = {"steps", "bytes_moved", "flops", "weight_bytes", "arena_bytes"};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw braid::Error(braid::ErrorKind::BadInput,
                     path.string() + ": " + why + "; make it again with braid bench --json");
}

// What a row stands for. Reports of one model have it under any name.
std::string title_of(const Json& row) {
  std::string title =
      fmt::format("{}, {}, {} members", row.at("model").get<std::string>(),
                  row.at("contender").get<std::string>(), row.at("members").get<int>());
  if (!row.at("batch").is_null()) title += fmt::format(", batch {}", row["batch"].get<int>());
  return title + fmt::format(", {} threads", row.at("threads").get<int>());
}

std::map<std::string, const Json*> by_title(const Json& report) {
  std::map<std::string, const Json*> rows;
  for (const Json& row : report.at("rows"))
    rows[title_of(row)] = &row;
  return rows;
}

// Why the times of a row say nothing; empty if they do.
std::string doubt_about(const Json& row) {
  if (!row.contains("median_ms")) return "no times";
  return row.at("warnings").empty() ? "" : row["warnings"][0].get<std::string>();
}

class Comparer {
 public:
  Comparer(double max_regress, bool counters_only)
      : max_regress_(max_regress), counters_only_(counters_only) {}

  void add(const std::string& title, const Json& before, const Json& after) {
    ++result.rows;
    for (const char* figure : kCounters)
      add_figure(title, figure, before, after);
    if (before.contains("launches")) add_figure(title, "launches", before, after);
    if (counters_only_) return;
    std::string doubt = doubt_about(before);
    if (doubt.empty()) doubt = doubt_about(after);
    if (doubt.empty()) {
      add_figure(title, "median_ms", before, after);
    } else {
      result.untimed.push_back(title + ": " + doubt);
    }
  }

  BenchComparison result;

 private:
  void add_figure(const std::string& title, const std::string& figure, const Json& before,
                  const Json& after) {
    ++result.figures;
    const double old_value = before.at(figure).get<double>();
    constexpr double kLost = std::numeric_limits<double>::infinity();
    const double new_value = after.value(figure, kLost);
    if (old_value == new_value) return;
    const bool is_worse = new_value > old_value * (1 + max_regress_);
    result.changes.push_back({title, figure, old_value, new_value, is_worse});
  }

  double max_regress_;
  bool counters_only_;
};

}  // namespace

bool BenchComparison::is_worse() const {
  return !missing.empty() || std::any_of(changes.begin(), changes.end(),
                                         [](const BenchChange& change) { return change.is_worse; });
}

Json load_bench_report(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw braid::Error(braid::ErrorKind::BadInput, path.string() + ": cannot be read");
  }
  const Json report = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object() || !report.contains("schema") || !report["schema"].is_string()) {
    refuse(path, "is no report of braid");
  }
  const auto schema = report["schema"].get<std::string>();
  if (schema != kBenchSchema) {
    refuse(path,
           fmt::format("has schema '{}', and this program compares '{}'", schema, kBenchSchema));
  }
  try {
    for (const auto& [title, row] : by_title(report)) {
      for (const char* figure : kCounters)
        static_cast<void>(row->at(figure).get<double>());
      if (row->contains("median_ms")) static_cast<void>(doubt_about(*row));
    }
  } catch (const Json::exception& error) {
    refuse(path, std::string("lacks what its schema has (") + error.what() + ")");
  }
  return report;
}

BenchComparison compare_reports(const Json& before, const Json& after, double max_regress,
                                bool counters_only) {
  Comparer comparer(max_regress, counters_only);
  const auto old_rows = by_title(before);
  const auto new_rows = by_title(after);
  for (const auto& [title, row] : old_rows) {
    const auto found = new_rows.find(title);
    if (found == new_rows.end()) {
      comparer.result.missing.push_back(title);
    } else {
      comparer.add(title, *row, *found->second);
    }
  }
  for (const auto& [title, row] : new_rows) {
    if (!old_rows.contains(title)) comparer.result.added.push_back(title);
  }
  return std::move(comparer.result);
}
