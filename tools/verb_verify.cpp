// braid verify OUT.onnx A.onnx B.onnx ...: runs the merged model and the members on the same seeded
// inputs and compares every output.

#include <spdlog/spdlog.h>

#include <memory>

#include "braid/onnx.hpp"
#include "tools/json_report.hpp"
#include "tools/merged_file.hpp"
#include "tools/model_files.hpp"
#include "tools/verbs.hpp"
#include "tools/verify_answer.hpp"

namespace {

struct VerifyArguments {
  std::filesystem::path merged;
  Paths members;
  braid::VerifyOptions options;
  bool has_tolerances = false;
  std::vector<std::string> dims;
  bool strict = false;
  std::string json;
};

// Without members: the file against what was recorded when it was written.
int check_record(const VerifyArguments& arguments, const Session& session) {
  spdlog::info("checking {} against its record", arguments.merged.string());
  const braid::Record record = load_record(arguments.merged);
  const std::vector<std::string> damages = record.damages();
  const Answer answer(takes_stdout(arguments.json));
  for (const std::string& damage : damages)
    answer.line("{}: {}", arguments.merged.string(), damage);
  answer.line("{}: the graph and {} of {}", damages.empty() ? "intact" : "FAILED",
              format_bytes(record.weight_bytes()),
              plural(static_cast<std::int64_t>(record.members().size()), "member"));
  Json json = new_report("verify", session);
  json["merged"] = arguments.merged.string();
  json["record"] = json_record(record);
  json["damages"] = damages;
  json["passed"] = damages.empty();
  write_report(json, arguments.json);
  return damages.empty() ? 0 : static_cast<int>(braid::ErrorKind::CheckFailed);
}

int run_verify(const VerifyArguments& arguments, const Session& session) {
  check_report(arguments.json);
  if (arguments.members.empty()) return check_record(arguments, session);
  braid::VerifyOptions options = arguments.options;
  options.dims = parse_dims(arguments.dims);
  if (!arguments.has_tolerances)
    options.peak_tolerance = braid::peak_tolerance_of(options.precision);
  spdlog::info("loading {} and {}", arguments.merged.string(),
               plural(static_cast<std::int64_t>(arguments.members.size()), "member"));
  // All files at once, so that the errors of all are reported.
  Paths paths = {arguments.merged};
  paths.insert(paths.end(), arguments.members.begin(), arguments.members.end());
  std::vector<braid::Member> members = load_all(paths, Weights::MustBeThere);
  const braid::Model merged = std::move(members[0].model);
  members.erase(members.begin());
  const std::vector<std::string> names = braid::member_names(arguments.members);
  for (std::size_t i = 0; i < members.size(); ++i)
    members[i].name = names[i];
  std::vector<const braid::Graph*> graphs;
  for (const braid::Member& member : members)
    graphs.push_back(&member.model.graph);
  check_dims(options.dims, graphs);

  spdlog::info("running and comparing");
  const braid::VerifyReport report = [&] {
    try {
      return braid::verify(merged, members, options);
    } catch (const braid::Error& error) {
      // Errors of members name them already.
      if (!std::string_view(error.what()).starts_with("merged model")) throw;
      rethrow_with_file(error, arguments.merged);
    }
  }();
  print_verify_answer(report, options, Answer(takes_stdout(arguments.json)));
  Json json = new_report("verify", session);
  json["merged"] = arguments.merged.string();
  put_verify_report(report, options, json);
  write_report(json, arguments.json);
  return verify_exit_code(report, arguments.strict);
}

}  // namespace

void add_verify(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand(
      "verify", "Compare a merged model with its members, or with its own record");
  auto arguments = std::make_shared<VerifyArguments>();
  verb.add_option("merged", arguments->merged, "The merged model")->required()->type_name("OUT");
  verb.add_option("members", arguments->members,
                  "The models it was merged from, in that order; without any, the file is "
                  "compared with its own record")
      ->type_name("MEMBER");
  verb.add_option("--seed", arguments->options.seed, "Of the inputs; another one, other inputs")
      ->check(CLI::NonNegativeNumber)
      ->type_name("S");
  const auto has_tolerances = [at = &arguments->has_tolerances](const std::string&) { *at = true; };
  verb.add_option("--atol", arguments->options.absolute_tolerance,
                  "An element passes if |error| <= ATOL + RTOL * |member|; with tf32, fp16 and "
                  "bf16 also 16 roundings of the largest, unless ATOL or RTOL is given")
      ->each(has_tolerances)
      ->check(CLI::NonNegativeNumber)
      ->type_name("ATOL")
      ->capture_default_str();
  verb.add_option("--rtol", arguments->options.relative_tolerance, "See --atol")
      ->each(has_tolerances)
      ->check(CLI::NonNegativeNumber)
      ->type_name("RTOL")
      ->capture_default_str();
  add_dims_option(verb, arguments->dims);
  add_device_options(verb, arguments->options.device, arguments->options.precision);
  add_tuning_options(verb, arguments->options.tuning);
  verb.add_flag("--strict", arguments->strict,
                "Fail also if the check proves nothing for a member");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_verify);
}
