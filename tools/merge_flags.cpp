#include "tools/merge_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "braid/error.hpp"
#include "tools/model_files.hpp"
#include "tools/plan_file.hpp"
#include "tools/text.hpp"

using braid::Combination;
using braid::Error;
using braid::ErrorKind;
using braid::MergeOptions;
using braid::Target;

namespace {

// "0.5,0.3,0.2"; empty if a part is no number.
std::vector<double> parse_weights(const std::string& text) {
  std::vector<double> weights;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double weight = 0;
    const auto [rest, error] = std::from_chars(at, end, weight);
    if (error != std::errc() || (rest != end && *rest != ',')) return {};
    weights.push_back(weight);
    if (rest == end) return weights;
    at = rest + 1;
  }
}

std::string set_weights(MergeOptions& options, const std::string& text) {
  options.combination_weights = parse_weights(text);
  const std::vector<double>& weights = options.combination_weights;
  if (weights.empty()) return "needs one weight per model, as in weighted:0.5,0.3,0.2";
  const auto is_bad = [](double weight) { return !std::isfinite(weight) || weight < 0; };
  if (std::any_of(weights.begin(), weights.end(), is_bad)) return "a weight must be 0 or more";
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum <= 0 || !std::isfinite(sum)) return "the weights must have a sum above 0";
  return "";
}

using Setter = std::string (*)(MergeOptions&, const std::string&);

CLI::Option* add_setting(CLI::App& verb, MergeOptions& options, const std::string& name, Setter set,
                         const std::string& help, const std::string& values) {
  const auto parse = [&options, name, set](const std::string& text) {
    const std::string problem = set(options, text);
    if (!problem.empty()) throw CLI::ValidationError(name + " " + text, problem);
  };
  return verb.add_option_function<std::string>(name, parse, help)->type_name(values);
}

void check_weights(const MergeOptions& options, std::size_t member_count) {
  const std::size_t count = options.combination_weights.size();
  if (options.combination != Combination::Weighted || count == member_count) return;
  throw Error(ErrorKind::Usage,
              fmt::format("--combine {}: has {} for {}; give one weight per model, in their order",
                          combination_text(options), plural(static_cast<int64_t>(count), "weight"),
                          plural(static_cast<int64_t>(member_count), "model")));
}

}  // namespace

std::string set_target(MergeOptions& options, const std::string& text) {
  if (text != "gpu" && text != "cpu") return "is neither gpu nor cpu";
  options.target = text == "gpu" ? Target::Gpu : Target::Cpu;
  return "";
}

std::string set_inputs(MergeOptions& options, const std::string& text) {
  if (text != "separate" && text != "shared") return "is neither separate nor shared";
  options.shares_inputs = text == "shared";
  return "";
}

std::string set_combination(MergeOptions& options, const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto known = braid::find_combination(text.substr(0, colon));
  const bool is_weighted = known == Combination::Weighted;
  if (!known || (!is_weighted && colon < text.size()))
    return "is none of: none, mean, weighted:W1,W2,..., vote, concat";
  options.combination = *known;
  options.combination_weights.clear();
  if (!is_weighted) return "";
  return set_weights(options, colon < text.size() ? text.substr(colon + 1) : "");
}

std::string target_text(const MergeOptions& options) {
  return options.target == Target::Gpu ? "gpu" : "cpu";
}

std::string inputs_text(const MergeOptions& options) {
  return options.shares_inputs ? "shared" : "separate";
}

std::string combination_text(const MergeOptions& options) {
  const std::string name = to_string(options.combination);
  if (options.combination != Combination::Weighted) return name;
  return fmt::format("{}:{}", name, fmt::join(options.combination_weights, ","));
}

void add_merge_flags(CLI::App& verb, MergeFlags& flags) {
  MergeOptions& options = flags.options;
  const std::vector<CLI::Option*> choices = {
      add_setting(verb, options, "--target", set_target,
                  "What the merged model is to run on; decides what costs how much: gpu (the "
                  "default) or cpu",
                  "TARGET"),
      add_setting(verb, options, "--inputs", set_inputs,
                  "One input per member: separate (the default), or one for all: shared", "HOW"),
      add_setting(verb, options, "--combine", set_combination,
                  "Add outputs that combine the members': none (the default), mean, "
                  "weighted:0.5,0.3,0.2, vote, or concat along the last axis",
                  "HOW"),
      verb.add_option("--max-group", options.max_group,
                      "Merge at most so many models with each other; those that share most weights "
                      "stay together")
          ->check(CLI::PositiveNumber)
          ->type_name("K"),
      verb.add_option("--gpu-mem", options.gpu_memory,
                      "Merge no more models with each other than run in so much memory, as in 24GB")
          ->transform(CLI::AsSizeValue(true))
          ->check(CLI::PositiveNumber)
          ->type_name("BYTES"),
      verb.add_flag("--merge-always", options.merges_always,
                    "Merge wherever a rule applies, also where running an operator once per member "
                    "is predicted to be cheaper"),
      add_dims_option(verb, flags.dims,
                      "Size of a symbolic dimension for predictions, as in batch=4; others are 1"),
  };
  verb.add_option("--jobs", options.jobs, "Files to read at once (default: one per processor)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  verb.add_flag("--split", flags.splits, "One file per group: OUT-1.onnx, OUT-2.onnx, ...");
  CLI::Option* plan =
      verb.add_option("--plan", flags.plan,
                      "Groups, rules and options as this file of braid plan --json says")
          ->type_name("PLAN.json");
  for (CLI::Option* choice : choices)
    plan->excludes(choice);
}

MergeOptions merge_options(const MergeFlags& flags, const std::vector<braid::Member>& members) {
  if (!flags.plan.empty()) {
    MergeOptions options = read_plan(flags.plan);
    options.records = flags.options.records;
    options.jobs = flags.options.jobs;
    check_weights(options, members.size());
    return options;
  }
  MergeOptions options = flags.options;
  options.dims = parse_dims(flags.dims);
  std::vector<const braid::Graph*> graphs;
  for (const braid::Member& member : members)
    graphs.push_back(&member.model.graph);
  check_dims(options.dims, graphs);
  check_weights(options, members.size());
  return options;
}
