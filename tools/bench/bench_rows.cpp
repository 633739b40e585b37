#include "tools/bench/bench_rows.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>

#include "braid/error.hpp"

namespace {

std::string ms(double seconds) {
  return fmt::format("{:.3f}", seconds * 1e3);
}

std::string bytes(std::int64_t count) {
  return format_bytes(static_cast<std::uint64_t>(count));
}

// The columns of the table; those of a GPU are left out where there is none.
std::vector<std::string> head_of(bool is_on_device) {
  std::vector<std::string> head = {"members", "batch", "threads", "contender"};
  if (is_on_device) head.insert(head.end(), {"GPU ms", "host ms"});
  head.insert(head.end(), {"median ms", "p90", "p99", "mean", "+-", "first", "runs/s", "steps"});
  if (is_on_device) head.emplace_back("launches");
  head.insert(head.end(), {"moved", "MFLOP", "weights", "activations", "workspace", "speed-up"});
  return head;
}

std::vector<std::string> time_cells(const BenchRow& row, bool is_on_device) {
  if (!row.series) return std::vector<std::string>(is_on_device ? 9 : 7, "-");
  const Series& s = *row.series;
  std::vector<std::string> cells;
  if (is_on_device) cells = {ms(s.device_quantile(0.5)), ms(s.host_quantile(0.5))};
  for (const double time :
       {s.quantile(0.5), s.quantile(0.9), s.quantile(0.99), s.mean(), s.half_width(), s.first}) {
    cells.push_back(ms(time));
  }
  cells.push_back(fmt::format("{:.1f}", static_cast<double>(row.members) / median_of(s)));
  return cells;
}

std::vector<std::string> cells_of(const BenchRow& row, bool is_on_device) {
  std::vector<std::string> cells = {std::to_string(row.members),
                                    row.batch ? std::to_string(*row.batch) : "-",
                                    std::to_string(row.threads), row.contender};
  for (std::string& cell : time_cells(row, is_on_device))
    cells.push_back(std::move(cell));
  const Counters& c = row.counters;
  cells.push_back(std::to_string(c.steps));
  if (is_on_device) cells.push_back(std::to_string(c.launches));
  cells.push_back(bytes(c.bytes_moved));
  cells.push_back(fmt::format("{:.4g}", static_cast<double>(c.flops) * 1e-6));
  for (const std::int64_t count : {c.weight_bytes(), c.activation_bytes(), c.workspace_bytes})
    cells.push_back(bytes(count));
  cells.push_back(row.series ? fmt::format("{:.2f}", row.speedup) : "-");
  return cells;
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
  if (!s.device_seconds.empty()) {
    json["gpu_median_ms"] = s.device_quantile(0.5) * 1e3;
    json["gpu_min_ms"] = s.device_quantile(0) * 1e3;
    json["gpu_p90_ms"] = s.device_quantile(0.9) * 1e3;
    json["host_median_ms"] = s.host_quantile(0.5) * 1e3;
  }
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

double median_of(const Series& series) {
  return series.device_seconds.empty() ? series.quantile(0.5) : series.device_quantile(0.5);
}

void print_rows(const std::vector<BenchRow>& rows, const Answer& answer) {
  const bool is_on_device = !rows.empty() && rows[0].counters.launches > 0;
  const std::vector<std::string> head = head_of(is_on_device);
  Table table(head);
  for (const BenchRow& row : rows)
    table.add(cells_of(row, is_on_device));
  std::vector<std::size_t> numbers(head.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  std::erase(numbers, 3U);  // the contender
  answer.line("{}", table.text("", numbers));
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
                 {"device", row.device},
                 {"contender", row.contender}};
    put_times(row, json);
    json.update(json_counters(row.counters));
    json["weight_bytes"] = row.counters.weight_bytes();
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
