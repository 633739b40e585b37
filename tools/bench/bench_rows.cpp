#include "tools/bench/bench_rows.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include "braid/error.hpp"

namespace {

std::string ms(double seconds) {
  return fmt::format("{:.3f}", seconds * 1e3);
}

std::string bytes(std::int64_t count) {
  return format_bytes(static_cast<std::uint64_t>(count));
}

std::vector<std::string> time_cells(const BenchRow& row) {
  if (!row.series) return std::vector<std::string>(7, "-");
  const Series& s = *row.series;
  const double inferences = static_cast<double>(row.members) / s.quantile(0.5);
  return {ms(s.quantile(0.5)),
          ms(s.quantile(0.9)),
          ms(s.quantile(0.99)),
          ms(s.mean()),
          ms(s.half_width()),
          ms(s.first),
          fmt::format("{:.1f}", inferences)};
}

void put_times(const BenchRow& row, Json& json) {
  if (!row.series) return;
  const Series& s = *row.series;
  json["median_ms"] = s.quantile(0.5) * 1e3;
  json["min_ms"] = s.quantile(0) * 1e3;
  json["p90_ms"] = s.quantile(0.9) * 1e3;
  json["p99_ms"] = s.quantile(0.99) * 1e3;
  json["mean_ms"] = s.mean() * 1e3;
  json["mean_half_width_ms"] = s.half_width() * 1e3;
  json["first_ms"] = s.first * 1e3;
  json["rounds"] = s.seconds.size();
  json["speedup"] = row.speedup;
}

Json json_operators(const BenchRow& row) {
  Json list = Json::array();
  for (const OperatorCost& cost : row.operators) {
    Json entry = {{"op", cost.op},
                  {"steps", cost.counters.steps},
                  {"bytes_moved", cost.counters.bytes_moved},
                  {"flops", cost.counters.flops}};
    if (row.series) entry["ms"] = cost.seconds * 1e3;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::vector<OperatorCost> cost_by_operator(const std::vector<braid::ProgramReport>& reports) {
  std::map<std::string, OperatorCost> costs;
  for (const braid::ProgramReport& report : reports) {
    for (const braid::StepReport& step : report.steps) {
      OperatorCost& cost = costs[step.op];
      cost.op = step.op;
      ++cost.counters.steps;
      cost.counters.bytes_moved += static_cast<std::int64_t>(step.bytes_moved);
      cost.counters.flops += step.flops.value_or(0);
      cost.seconds += step.seconds;
    }
  }
  std::vector<OperatorCost> sorted;
  for (auto& [op, cost] : costs)
    sorted.push_back(std::move(cost));
  std::stable_sort(sorted.begin(), sorted.end(), [](const OperatorCost& a, const OperatorCost& b) {
    return a.seconds > b.seconds;
  });
  return sorted;
}

void print_rows(const std::vector<BenchRow>& rows, const Answer& answer) {
  Table table({"members", "batch", "threads", "contender", "median ms", "p90", "p99", "mean", "+-",
               "first", "runs/s", "steps", "moved", "MFLOP", "weights", "arena", "speed-up"});
  for (const BenchRow& row : rows) {
    std::vector<std::string> cells = {std::to_string(row.members),
                                      row.batch ? std::to_string(*row.batch) : "-",
                                      std::to_string(row.threads), row.contender};
    for (std::string& cell : time_cells(row))
      cells.push_back(std::move(cell));
    const Counters& c = row.counters;
    for (std::string& cell :
         std::vector<std::string>{std::to_string(c.steps), bytes(c.bytes_moved),
                                  fmt::format("{:.4g}", static_cast<double>(c.flops) * 1e-6),
                                  bytes(c.constant_bytes + c.packed_bytes), bytes(c.arena_bytes),
                                  row.series ? fmt::format("{:.2f}", row.speedup) : "-"}) {
      cells.push_back(std::move(cell));
    }
    table.add(std::move(cells));
  }
  answer.line("{}", table.text("", {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  for (const BenchRow& row : rows) {
    if (!row.series) continue;
    for (const std::string& text : row.series->warnings())
      answer.line("warning: {} members, {} threads, {}: {}", row.members, row.threads,
                  row.contender, text);
  }
}

Json json_rows(const std::vector<BenchRow>& rows) {
  Json list = Json::array();
  for (const BenchRow& row : rows) {
    Json json = {{"model", row.model},
                 {"members", row.members},
                 {"batch", row.batch ? Json(*row.batch) : Json(nullptr)},
                 {"threads", row.threads},
                 {"contender", row.contender}};
    put_times(row, json);
    json.update(json_counters(row.counters));
    json["weight_bytes"] = row.counters.constant_bytes + row.counters.packed_bytes;
    json["operators"] = json_operators(row);
    if (row.series) json["warnings"] = row.series->warnings();
    list.push_back(std::move(json));
  }
  return list;
}

void write_csv(const Json& rows, const std::filesystem::path& path) {
  if (path.empty()) return;
  std::ofstream file(path);
  bool is_first = true;
  for (const Json& row : rows) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& [name, value] : row.items()) {
      if (value.is_array()) continue;
      names.push_back(name);
      values.push_back(value.is_null() ? "" : value.dump());
    }
    if (is_first) file << fmt::format("{}\n", fmt::join(names, ","));
    file << fmt::format("{}\n", fmt::join(values, ","));
    is_first = false;
  }
  file.close();
  if (!file) throw braid::Error(braid::ErrorKind::Output, path.string() + ": cannot be written");
}
