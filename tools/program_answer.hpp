#pragma once

#include <cstdint>
#include <filesystem>

#include "braid/compile.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// What a Program costs: steps, bytes moved, FLOPs, weights and arena; on a GPU also launches and
/// streams. The workspace is what the steps need most besides their operands; activations are the
/// rest of the arena.
struct Counters {
  std::int64_t steps = 0;
  std::int64_t bytes_moved = 0;
  std::int64_t flops = 0;
  std::int64_t launches = 0;  ///< of kernels on a device
  std::int64_t constant_bytes = 0;
  std::int64_t packed_bytes = 0;
  std::int64_t arena_bytes = 0;
  std::int64_t workspace_bytes = 0;

  std::int64_t weight_bytes() const { return constant_bytes + packed_bytes; }
  std::int64_t activation_bytes() const { return arena_bytes - workspace_bytes; }

  /// Adds those of another Program.
  void add(const braid::ProgramReport& report);
};

/// By their names, as reports have them: "steps", "bytes_moved", and so on.
Json json_counters(const Counters& counters);

/// The steps as a table and as JSON, with the times if the report has them.
void put_program(const braid::ProgramReport& report, bool has_times, const Answer& answer,
                 Json& json);

/// The times of the steps, one after the other, in the Chrome trace event format, which Perfetto
/// opens. Throws Error (Output).
void write_trace(const braid::ProgramReport& report, const std::filesystem::path& path);
