// braid bench MERGED --members A B ...: the merged model against its members, in one process.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>

#include "tools/bench/contenders.hpp"
#include "tools/bench/measure.hpp"
#include "tools/json_report.hpp"
#include "tools/model_files.hpp"
#include "tools/text.hpp"
#include "tools/verbs.hpp"

namespace {

struct BenchArguments {
  std::filesystem::path merged;
  Paths members;
  std::vector<std::size_t> counts;
  std::vector<std::int64_t> batches;
  std::vector<int> threads;
  std::vector<std::string> dims;
  Effort effort;
  std::string json;
  std::filesystem::path csv;
};

// One row of the table: a contender at one number of members, batch and threads.
struct Row {
  std::size_t members;
  std::string batch;
  int threads;
  std::string contender;
  Series series;
  std::size_t steps = 0;
  std::size_t weight_bytes = 0;
  std::size_t arena_bytes = 0;
  double speedup = 1;  // over the members in sequence
};

Row row_of(const Contender& contender, Series series) {
  Row row{0, "", 0, contender.name(), std::move(series)};
  for (const braid::ProgramReport& report : contender.reports()) {
    row.steps += report.steps.size();
    row.weight_bytes += report.constant_bytes + report.packed_bytes;
    row.arena_bytes += report.arena_bytes;
  }
  return row;
}

class Bench {
 public:
  explicit Bench(const BenchArguments& arguments) : arguments_(arguments) {
    members_ = load_all(arguments.members, Weights::MustBeThere);
    merged_ = load_all({arguments.merged}, Weights::MustBeThere)[0].model;
    dims_ = parse_dims(arguments.dims);
    check_dims(dims_, {&merged_.graph});
  }

  std::vector<Row> run() {
    std::vector<std::size_t> counts = arguments_.counts;
    if (counts.empty()) counts = {members_.size()};
    std::vector<std::int64_t> batches = arguments_.batches;
    if (batches.empty()) batches = {0};
    std::vector<int> threads = arguments_.threads;
    if (threads.empty()) threads = {static_cast<int>(std::thread::hardware_concurrency())};
    for (const std::size_t count : counts) {
      const std::vector<braid::Member> members = first(count);
      const braid::Model merged =
          count == members_.size() ? merged_ : braid::merge(members, options()).model;
      for (const std::int64_t batch : batches) {
        for (const int t : threads)
          run_at(members, merged, batch, t);
      }
    }
    return std::move(rows_);
  }

 private:
  std::vector<braid::Member> first(std::size_t count) const {
    if (count < 1 || count > members_.size()) {
      throw braid::Error(braid::ErrorKind::Usage,
                         fmt::format("-n {}: there are {}", count,
                                     plural(static_cast<std::int64_t>(members_.size()), "member")));
    }
    return {members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  static braid::MergeOptions options() {
    braid::MergeOptions options;
    options.target = braid::Target::Cpu;
    return options;
  }

  void run_at(const std::vector<braid::Member>& members, const braid::Model& merged,
              std::int64_t batch, int threads) {
    Sizes dims = dims_;
    if (batch > 0) dims["batch"] = batch;
    spdlog::info("{}, batch {}, {}", plural(static_cast<std::int64_t>(members.size()), "member"),
                 batch > 0 ? std::to_string(batch) : "as given", plural(threads, "thread"));
    std::vector<std::unique_ptr<Contender>> contenders;
    contenders.push_back(members_in_sequence(members, dims, threads));
    if (threads > 1) contenders.push_back(members_side_by_side(members, dims, threads));
    contenders.push_back(merged_model(merged, members, dims, threads));
    std::vector<Series> series = measure(contenders, arguments_.effort);
    const double base = series[0].quantile(0.5);
    for (std::size_t c = 0; c < contenders.size(); ++c) {
      Row row = row_of(*contenders[c], std::move(series[c]));
      row.members = members.size();
      row.batch = batch > 0 ? std::to_string(batch) : "-";
      row.threads = threads;
      row.speedup = base / row.series.quantile(0.5);
      rows_.push_back(std::move(row));
    }
  }

  const BenchArguments& arguments_;
  std::vector<braid::Member> members_;
  braid::Model merged_;
  Sizes dims_;
  std::vector<Row> rows_;
};

std::string ms(double seconds) {
  return fmt::format("{:.3f}", seconds * 1e3);
}

void print_rows(const std::vector<Row>& rows, const Answer& answer) {
  Table table({"members", "batch", "threads", "contender", "median ms", "p90", "p99", "mean", "+-",
               "first", "runs/s", "steps", "weights", "arena", "speed-up"});
  for (const Row& row : rows) {
    const Series& s = row.series;
    const double inferences = static_cast<double>(row.members) / s.quantile(0.5);
    table.add({std::to_string(row.members), row.batch, std::to_string(row.threads), row.contender,
               ms(s.quantile(0.5)), ms(s.quantile(0.9)), ms(s.quantile(0.99)), ms(s.mean()),
               ms(s.half_width()), ms(s.first), fmt::format("{:.1f}", inferences),
               std::to_string(row.steps), format_bytes(row.weight_bytes),
               format_bytes(row.arena_bytes), fmt::format("{:.2f}", row.speedup)});
  }
  answer.line("{}", table.text("", {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}));
  for (const Row& row : rows) {
    for (const std::string& text : row.series.warnings())
      answer.line("warning: {} members, {} threads, {}: {}", row.members, row.threads,
                  row.contender, text);
  }
}

Json json_rows(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) {
    const Series& s = row.series;
    list.push_back({{"members", row.members},
                    {"batch", row.batch == "-" ? Json(nullptr) : Json(std::stoll(row.batch))},
                    {"threads", row.threads},
                    {"contender", row.contender},
                    {"median_ms", s.quantile(0.5) * 1e3},
                    {"min_ms", s.quantile(0) * 1e3},
                    {"p90_ms", s.quantile(0.9) * 1e3},
                    {"p99_ms", s.quantile(0.99) * 1e3},
                    {"mean_ms", s.mean() * 1e3},
                    {"mean_half_width_ms", s.half_width() * 1e3},
                    {"first_ms", s.first * 1e3},
                    {"rounds", s.seconds.size()},
                    {"speedup", row.speedup},
                    {"steps", row.steps},
                    {"weight_bytes", row.weight_bytes},
                    {"arena_bytes", row.arena_bytes},
                    {"warnings", s.warnings()}});
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

int run_bench(const BenchArguments& arguments, const Session& session) {
  check_report(arguments.json);
  const std::vector<Row> rows = Bench(arguments).run();
  print_rows(rows, Answer(takes_stdout(arguments.json)));
  Json json = new_report("bench", session);
  json["rows"] = json_rows(rows);
  write_csv(json["rows"], arguments.csv);
  write_report(json, arguments.json);
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand(
      "bench", "Time a merged model against its members, one after the other and side by side");
  auto arguments = std::make_shared<BenchArguments>();
  verb.add_option("merged", arguments->merged, "What braid merge wrote")
      ->required()
      ->type_name("MERGED");
  verb.add_option("--members", arguments->members, "The models that it was made of, in their order")
      ->required()
      ->type_name("FILE");
  verb.add_option("-n,--counts", arguments->counts,
                  "Numbers of members; fewer than all are merged in memory")
      ->delimiter(',')
      ->type_name("N,...");
  verb.add_option("--batch", arguments->batches, "Sizes of the dimension 'batch'")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("B,...");
  verb.add_option("--threads", arguments->threads, "Numbers of threads; all cores if not given")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("T,...");
  verb.add_option("--min-time", arguments->effort.min_seconds,
                  "Seconds to measure, for each contender")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  add_dims_option(verb, arguments->dims);
  verb.add_option("--csv", arguments->csv, "Write the rows as comma-separated values")
      ->type_name("FILE");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_bench);
}
