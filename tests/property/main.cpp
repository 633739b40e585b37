// Merges random graphs, runs them, and compares with the members. A failure is shrunk to a small
// graph and printed, with the command that repeats it.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>

#include "braid/onnx.hpp"
#include "property/check.hpp"
#include "property/generator.hpp"
#include "property/shrink.hpp"
#include "verify/random.hpp"

namespace {

using braid::mix_seed;
using braid::property::Case;
using braid::property::CheckOptions;
using braid::property::Outcome;

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint64_t count = 300;
  std::optional<std::uint64_t> only;
  double time_limit = 0;
  std::string folder;
  bool prints = false;
  bool lists = false;
};

struct Totals {
  std::uint64_t cases = 0;
  std::uint64_t failures = 0;
  std::uint64_t not_run = 0;
  std::uint64_t controls = 0;
  std::uint64_t noticed = 0;
  std::uint64_t unique_bytes = 0;
  std::uint64_t merged_bytes = 0;
  std::int64_t member_nodes = 0;
  std::int64_t merged_nodes = 0;
};

// One case in twenty is also saved, one in twenty merged twice.
CheckOptions options_of(std::uint64_t number) {
  return {.saves = number % 20 == 0, .merges_twice = number % 20 == 10};
}

void report_failure(const Arguments& arguments, std::uint64_t number, const Case& test,
                    const Outcome& outcome) {
  const CheckOptions options = options_of(number);
  const Case small = braid::property::shrink(test, [&](const Case& smaller) {
    return braid::property::check(smaller, options).failure == outcome.failure;
  });
  fmt::print("FAILED case {}: {}: {}\n{}after shrinking: {}\n", number, outcome.failure,
             outcome.details, braid::property::describe(small),
             braid::property::check(small, options).details);
  fmt::print("again: braid-random-merge --seed {} --case {}\n\n", arguments.seed, number);
  std::fflush(stdout);
}

// The files of a case, for other programs to run.
void save_case(const Case& test, const std::filesystem::path& folder) {
  std::vector<braid::Member> members;
  for (const auto& member : braid::property::make_members(test)) {
    save_model(member.member.model, folder / (member.member.name + ".onnx"), {.overwrite = true});
    members.push_back(member.member);
  }
  const braid::Merged merged = merge(members, {.merges_always = test.merges_always});
  save_model(merged.model, folder / "merged.onnx", {.overwrite = true});
}

void run_case(const Arguments& arguments, std::uint64_t number, Totals& totals) {
  const Case test = braid::property::generate(mix_seed(arguments.seed, number));
  if (arguments.prints) fmt::print("case {}\n{}", number, braid::property::describe(test));
  if (!arguments.folder.empty()) save_case(test, arguments.folder);
  const Outcome outcome = braid::property::check(test, options_of(number));
  ++totals.cases;
  totals.unique_bytes += outcome.unique_bytes;
  totals.merged_bytes += outcome.merged_bytes;
  totals.member_nodes += outcome.member_nodes;
  totals.merged_nodes += outcome.merged_nodes;
  if (outcome.control) ++totals.controls;
  if (outcome.control == true) ++totals.noticed;
  if (arguments.lists && outcome.control == false)
    fmt::print("case {}: exchange not noticed\n", number);
  if (!outcome.failure.empty()) {
    ++totals.failures;
    report_failure(arguments, number, test, outcome);
  } else if (outcome.sizes_run == 0) {
    ++totals.not_run;
  }
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 1;
}

// A judge that skips cases, or that would not notice exchanged weights, judges nothing.
int finish(const Totals& totals) {
  constexpr double kLeastNoticed = 0.8;
  constexpr double kMostNotRun = 0.05;
  const double noticed =
      ratio(static_cast<double>(totals.noticed), static_cast<double>(totals.controls));
  const double not_run =
      ratio(static_cast<double>(totals.not_run), static_cast<double>(totals.cases));
  fmt::print("{} cases, {} failed, {} not run; exchanged weights noticed in {} of {} ({:.1f} %)\n",
             totals.cases, totals.failures, totals.not_run, totals.noticed, totals.controls,
             100 * noticed);
  fmt::print(
      "nodes merged / of one member {:.2f}, float bytes merged / distinct {:.3f}\n",
      ratio(static_cast<double>(totals.merged_nodes), static_cast<double>(totals.member_nodes)),
      ratio(static_cast<double>(totals.merged_bytes), static_cast<double>(totals.unique_bytes)));
  const bool is_sound = totals.cases < 20 || (noticed >= kLeastNoticed && not_run <= kMostNotRun);
  return totals.failures == 0 && is_sound ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Merges random graphs and compares the result with the members.");
  app.add_option("--seed", arguments.seed, "Seed of the whole run");
  app.add_option("--first", arguments.first, "Number of the first case");
  app.add_option("--count", arguments.count, "Number of cases");
  app.add_option("--case", arguments.only, "Run this case only");
  app.add_option("--time-limit", arguments.time_limit, "Stop after this many seconds");
  app.add_option("--save", arguments.folder, "Write members and merged model into this folder");
  app.add_flag("--print", arguments.prints, "Print every case");
  app.add_flag("--list", arguments.lists, "Name the cases where exchanged weights go unnoticed");
  CLI11_PARSE(app, argc, argv);
  if (arguments.only) {
    arguments.first = *arguments.only;
    arguments.count = 1;
  }
  const auto start = std::chrono::steady_clock::now();
  Totals totals;
  for (std::uint64_t k = 0; k < arguments.count; ++k) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (arguments.time_limit > 0 && elapsed.count() > arguments.time_limit) break;
    run_case(arguments, arguments.first + k, totals);
  }
  return finish(totals);
}
