#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "tools/bench/measure.hpp"
#include "tools/json_report.hpp"
#include "tools/program_answer.hpp"

/// The version of what `braid bench --json` writes and `braid bench compare` reads.
inline constexpr const char* kBenchSchema = "braid-bench-2";

/// What all steps of one operator cost together.
struct OperatorCost {
  std::string op;
  Counters counters;
  double seconds = 0;
};

/// A contender at one number of members, batch and threads.
struct BenchRow {
  std::string model;  ///< the merged file, without folder and extension
  std::size_t members = 0;
  std::optional<std::int64_t> batch;  ///< nothing: as the models have it
  int threads = 0;
  std::string device;  ///< "cpu", "cuda"
  std::string contender;
  std::optional<Series> series;  ///< nothing where only counters are wanted
  Counters counters;
  std::vector<OperatorCost> operators;  ///< the dearest first
  double speedup = 1;                   ///< over the members in sequence
};

/// Sums over Programs that belong together, by operator.
std::vector<OperatorCost> cost_by_operator(const std::vector<braid::ProgramReport>& reports);

/// The time that a row is judged by: of the device if there is one, else of the host.
double median_of(const Series& series);

/// The table, and what makes times doubtful.
void print_rows(const std::vector<BenchRow>& rows, const Answer& answer);

Json json_rows(const std::vector<BenchRow>& rows);

/// One line per row, without lists. Nothing for an empty path. Throws Error (Output).
void write_csv(const Json& rows, const std::filesystem::path& path);
