// braid merge A.onnx B.onnx ... -o OUT.onnx: the product.

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

#include "braid/onnx.hpp"
#include "braid/verify.hpp"
#include "tools/json_report.hpp"
#include "tools/merge_answer.hpp"
#include "tools/model_files.hpp"
#include "tools/verbs.hpp"
#include "tools/verify_answer.hpp"

namespace {

struct MergeArguments {
  Paths files;
  std::filesystem::path output;
  braid::MergeOptions merge;
  braid::SaveOptions save;
  bool verify = false;
  bool report = false;
  std::string json;
};

MergeResult merge_and_save(const MergeArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  spdlog::info("loading {}", plural(static_cast<std::int64_t>(arguments.files.size()), "model"));
  std::vector<braid::Member> members = load_all(arguments.files, Weights::MustBeThere);
  if (members.size() == 1) {
    spdlog::warn("WARNING: one model only: there is nothing to merge it with");
  }
  MergeResult result;
  for (const braid::Member& member : members)
    result.names.push_back(member.name);
  result.path = arguments.output;
  spdlog::info("merging");
  result.merged = braid::merge(std::move(members), arguments.merge);
  spdlog::info("writing {}", arguments.output.string());
  result.saved = braid::save_model(result.merged.model, arguments.output, arguments.save);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  result.seconds = time.count();
  return result;
}

// Checks what was written, not what is in memory.
int verify_written(const MergeArguments& arguments, const Answer& answer, Json& json) {
  spdlog::info("verifying");
  const std::vector<braid::Member> members = load_all(arguments.files, Weights::MustBeThere);
  const braid::VerifyOptions options;
  const braid::VerifyReport report =
      braid::verify(braid::load_model(arguments.output), members, options);
  print_verify_answer(report, options, answer);
  put_verify_report(report, options, json["verify"]);
  return verify_exit_code(report, false);
}

int run_merge(const MergeArguments& arguments, const Session& session) {
  check_report(arguments.json);
  check_output(arguments.output, arguments.save.overwrite);
  const Answer answer(takes_stdout(arguments.json));
  const MergeResult result = merge_and_save(arguments);
  print_merge_answer(result, arguments.report, answer);
  Json json = new_report("merge", session);
  put_merge_report(result, json);
  const int exit_code = arguments.verify ? verify_written(arguments, answer, json) : 0;
  write_report(json, arguments.json);
  return exit_code;
}

}  // namespace

void add_merge(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand("merge", "Merge models into one");
  auto arguments = std::make_shared<MergeArguments>();
  verb.add_option("files", arguments->files, "The models")->required()->type_name("FILE");
  verb.add_option("-o,--output", arguments->output, "The merged model")
      ->required()
      ->type_name("OUT");
  verb.add_flag("--force", arguments->save.overwrite, "Replace OUT if it exists");
  verb.add_option("--external-above", arguments->save.external_above,
                  "Weights of more bytes than this go to OUT.data; 1500000000 if not given")
      ->transform(CLI::AsSizeValue(true))
      ->type_name("BYTES");
  verb.add_flag("--merge-always", arguments->merge.merges_always,
                "Merge wherever a rule applies, also where running an operator once per member is "
                "predicted to be cheaper");
  verb.add_flag("--verify", arguments->verify, "Run braid verify on the written file");
  verb.add_flag("--report", arguments->report, "Print what became of each operator, and why");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_merge);
}
