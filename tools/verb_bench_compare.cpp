// braid bench compare OLD NEW: what two reports of braid bench say, for continuous integration.

#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "braid/error.hpp"
#include "tools/bench/compare_reports.hpp"
#include "tools/text.hpp"
#include "tools/verbs.hpp"

namespace {

struct CompareArguments {
  std::filesystem::path before;
  std::filesystem::path after;
  std::string max_regress = "5%";
  bool counters_only = false;
};

constexpr int kRegressed = 1;

// "5%" or "5" => 0.05
double share_of(const std::string& text) {
  double percent = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, percent);
  const std::string unit(rest, end);
  if (error != std::errc() || percent < 0 || (!unit.empty() && unit != "%")) {
    throw braid::Error(braid::ErrorKind::Usage,
                       "--max-regress " + text + ": give percent, such as 5%");
  }
  return percent / 100;
}

std::string format_change(const BenchChange& change) {
  if (change.before == 0) return "new";
  return fmt::format("{:+.1f}%", (change.after / change.before - 1) * 100);
}

void print(const BenchComparison& comparison) {
  const Answer answer(false);
  Table table({"", "row", "figure", "old", "new", "change"});
  for (const BenchChange& change : comparison.changes) {
    table.add({change.is_worse ? "WORSE" : "", change.row, change.figure,
               fmt::format("{:.10g}", change.before), fmt::format("{:.10g}", change.after),
               format_change(change)});
  }
  if (!comparison.changes.empty()) answer.line("{}", table.text("", {3, 4, 5}));
  for (const std::string& row : comparison.missing)
    answer.line("MISSING in the new report: {}", row);
  for (const std::string& row : comparison.added)
    answer.line("only in the new report: {}", row);
  for (const std::string& row : comparison.untimed)
    answer.line("times not compared: {}", row);
  const auto count = [](std::size_t n, const char* noun) {
    return plural(static_cast<std::int64_t>(n), noun);
  };
  answer.line("{} of {} compared, {}: {}", count(comparison.figures, "figure"),
              count(comparison.rows, "row"), count(comparison.changes.size(), "change"),
              comparison.is_worse() ? "REGRESSED" : "passed");
}

int run_compare(const CompareArguments& arguments, const Session& /*session*/) {
  const double max_regress = share_of(arguments.max_regress);
  const Json before = load_bench_report(arguments.before);
  const Json after = load_bench_report(arguments.after);
  const BenchComparison comparison =
      compare_reports(before, after, max_regress, arguments.counters_only);
  print(comparison);
  return comparison.is_worse() ? kRegressed : 0;
}

}  // namespace

void add_bench_compare(CLI::App& bench, Session& session) {
  CLI::App& verb = *bench.add_subcommand(
      "compare", "Compare two reports of braid bench --json; exit code 1 if the new one is worse");
  auto arguments = std::make_shared<CompareArguments>();
  verb.add_option("old", arguments->before, "The report to compare with")
      ->required()
      ->type_name("OLD.json");
  verb.add_option("new", arguments->after, "The report to judge")
      ->required()
      ->type_name("NEW.json");
  verb.add_option("--max-regress", arguments->max_regress, "How much worse a figure may be")
      ->capture_default_str()
      ->type_name("PERCENT");
  verb.add_flag("--counters-only", arguments->counters_only, "Leave out times, also stable ones");
  on_verb(verb, session, arguments, run_compare);
}
