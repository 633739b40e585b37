#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/bench/bench_rows.hpp"

/// An SVG picture of timed rows. For each batch and number of threads: latency and memory by
/// members, and the time that each operator takes with all of them.
std::string draw_charts(const std::vector<BenchRow>& rows);

/// draw_charts() into a file. Throws Error (Output).
void write_charts(const std::vector<BenchRow>& rows, const std::filesystem::path& path);
