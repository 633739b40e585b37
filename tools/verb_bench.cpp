// braid bench MERGED --members A B ...: the merged model against its members, in one process.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <thread>

#include "braid/error.hpp"
#include "tools/bench/bench_rows.hpp"
#include "tools/bench/charts.hpp"
#include "tools/bench/contenders.hpp"
#include "tools/bench/device_contenders.hpp"
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
  braid::Device device = braid::Device::Cpu;
  braid::Precision precision = braid::Precision::Float32;
  braid::Tuning tuning;
  std::vector<std::string> dims;
  Effort effort;
  bool counters_only = false;
  std::string json;
  std::filesystem::path csv;
  std::filesystem::path svg;
};

constexpr int kProfiledRuns = 5;

class Bench {
 public:
  explicit Bench(const BenchArguments& arguments) : arguments_(arguments) {
    members_ = load_all(arguments.members, Weights::MustBeThere);
    merged_ = load_all({arguments.merged}, Weights::MustBeThere)[0].model;
    dims_ = parse_dims(arguments.dims);
    check_dims(dims_, {&merged_.graph});
  }

  std::vector<BenchRow> run() {
    std::vector<std::size_t> counts = arguments_.counts;
    if (counts.empty()) counts = {members_.size()};
    std::vector<std::int64_t> batches = arguments_.batches;
    if (batches.empty()) batches = {0};
    std::vector<int> threads = arguments_.threads;
    const int all = static_cast<int>(std::thread::hardware_concurrency());
    if (threads.empty()) threads = {is_on_gpu() ? 1 : all};
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

  bool is_on_gpu() const {
    return arguments_.device == braid::Device::Cuda ||
           arguments_.device == braid::Device::CudaEmulated;
  }

  braid::MergeOptions options() const {
    braid::MergeOptions options;
    options.target = is_on_gpu() ? braid::Target::Gpu : braid::Target::Cpu;
    return options;
  }

  std::vector<std::unique_ptr<Contender>> contenders(const std::vector<braid::Member>& members,
                                                     const braid::Model& merged, const Sizes& dims,
                                                     int threads) const {
    const braid::CompileOptions options{
        arguments_.device, threads, {}, arguments_.precision, arguments_.tuning};
    if (is_on_gpu()) return contenders_on_device(members, merged, dims, options);
    std::vector<std::unique_ptr<Contender>> list;
    list.push_back(members_in_sequence(members, dims, options));
    if (threads > 1) list.push_back(members_side_by_side(members, dims, options));
    list.push_back(merged_model(merged, members, dims, options));
    return list;
  }

  void run_at(const std::vector<braid::Member>& members, const braid::Model& merged,
              std::int64_t batch, int threads) {
    Sizes dims = dims_;
    if (batch > 0) dims["batch"] = batch;
    spdlog::info("{}, batch {}, {}", plural(static_cast<std::int64_t>(members.size()), "member"),
                 batch > 0 ? std::to_string(batch) : "as given", plural(threads, "thread"));
    const auto all = contenders(members, merged, dims, threads);
    std::vector<Series> series;
    if (!arguments_.counters_only) series = measure(all, arguments_.effort);
    for (std::size_t c = 0; c < all.size(); ++c) {
      BenchRow row;
      row.model = arguments_.merged.stem().string();
      row.members = members.size();
      if (batch > 0) row.batch = batch;
      row.threads = threads;
      row.device = name_of(arguments_.device);
      add_costs(*all[c], row);
      if (!arguments_.counters_only) {
        row.speedup = median_of(series[0]) / median_of(series[c]);
        row.series = series[c];
      }
      rows_.push_back(std::move(row));
    }
  }

  void add_costs(const Contender& contender, BenchRow& row) const {
    row.contender = contender.name();
    const auto reports =
        arguments_.counters_only ? contender.reports() : contender.profiles(kProfiledRuns);
    for (const braid::ProgramReport& report : reports)
      row.counters.add(report);
    row.operators = cost_by_operator(reports);
  }

  const BenchArguments& arguments_;
  std::vector<braid::Member> members_;
  braid::Model merged_;
  Sizes dims_;
  std::vector<BenchRow> rows_;
};

int run_bench(const BenchArguments& arguments, const Session& session) {
  if (arguments.merged.empty() || arguments.members.empty()) {
    throw braid::Error(braid::ErrorKind::Usage,
                       "bench: give the merged model, and after --members the models that it was "
                       "made of");
  }
  if (arguments.counters_only && !arguments.svg.empty()) {
    throw braid::Error(braid::ErrorKind::Usage,
                       "--svg: draws times; leave out --counters-only or --svg");
  }
  check_report(arguments.json);
  check_report(arguments.svg.string());
  const std::vector<BenchRow> rows = Bench(arguments).run();
  print_rows(rows, Answer(takes_stdout(arguments.json)));
  Json json = new_report("bench", session);
  json["schema"] = kBenchSchema;
  json["rows"] = json_rows(rows);
  write_csv(json["rows"], arguments.csv);
  if (!arguments.svg.empty()) write_charts(rows, arguments.svg);
  write_report(json, arguments.json);
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand("bench",
                                       "Time a merged model against its members: one after the "
                                       "other and side by side; on a GPU also "
                                       "on streams and in graphs");
  auto arguments = std::make_shared<BenchArguments>();
  verb.add_option("merged", arguments->merged, "What braid merge wrote")->type_name("MERGED");
  verb.add_option("--members", arguments->members, "The models that it was made of, in their order")
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
  add_device_options(verb, arguments->device, arguments->precision);
  add_tuning_options(verb, arguments->tuning);
  verb.add_option("--min-time", arguments->effort.min_seconds,
                  "Seconds to measure, for each contender")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  verb.add_flag("--counters-only", arguments->counters_only,
                "Measure no times, only tell what the Programs cost on any machine");
  add_dims_option(verb, arguments->dims);
  verb.add_option("--csv", arguments->csv, "Write the rows as comma-separated values")
      ->type_name("FILE");
  verb.add_option("--svg", arguments->svg,
                  "Draw latency and memory by members, and time by operator")
      ->type_name("FILE");
  add_json_option(verb, arguments->json);
  add_bench_compare(verb, session);
  verb.callback([&verb, &session, arguments] {
    if (!verb.get_subcommands().empty()) return;  // that one runs
    session.run = [&session, arguments] { return run_bench(*arguments, session); };
  });
}
