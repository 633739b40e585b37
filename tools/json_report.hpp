#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "braid/types.hpp"
#include "tools/verbs.hpp"

/// Keys in the order in which they were set, so that reports read well and compare well.
using Json = nlohmann::ordered_json;

/// Adds `--json FILE` to a verb.
void add_json_option(CLI::App& verb, std::string& path);

/// Throws Error (Output) if the report cannot be written there: before the work, not after it.
void check_report(const std::string& path);

/// The head that all reports share: schema "braid-VERB-1", program version, command line.
Json new_report(const std::string& verb, const Session& session);

Json json_port(const std::string& name, const braid::Type& type);

/// A number; null for infinities and NaN, which JSON cannot spell.
Json json_number(double value);

/// Writes to a file, or to stdout for "-"; nothing for an empty path. Throws Error (Output).
void write_report(const Json& report, const std::string& path);

/// True if the report takes stdout, so that no other text may go there.
inline bool takes_stdout(const std::string& path) {
  return path == "-";
}
