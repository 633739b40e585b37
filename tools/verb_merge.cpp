// braid merge A.onnx B.onnx ... -o OUT.onnx: the product.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "braid/onnx.hpp"
#include "braid/verify.hpp"
#include "tools/json_report.hpp"
#include "tools/merge_answer.hpp"
#include "tools/merge_flags.hpp"
#include "tools/merged_file.hpp"
#include "tools/model_files.hpp"
#include "tools/verbs.hpp"
#include "tools/verify_answer.hpp"

namespace {

struct MergeArguments {
  Paths files;
  std::filesystem::path output;
  MergeFlags flags;
  braid::SaveOptions save;
  bool verify = false;
  bool report = false;
  std::string json;
};

// "out.onnx" -> "out-2.onnx"
std::filesystem::path part_path(const std::filesystem::path& output, std::size_t number) {
  std::filesystem::path path = output;
  path.replace_filename(output.stem().string() + "-" + std::to_string(number) +
                        output.extension().string());
  return path;
}

// All names, before the first file is written.
void check_outputs(const std::vector<MergeResult>& results, const braid::SaveOptions& save) {
  for (const MergeResult& result : results) {
    check_output(result.path, save.overwrite);
    if (result.merged.report.merged_bytes > save.external_above)
      check_output(result.path.string() + ".data", save.overwrite);
  }
}

std::vector<MergeResult> merge_all(const MergeArguments& arguments) {
  spdlog::info("loading {}", plural(static_cast<std::int64_t>(arguments.files.size()), "model"));
  std::vector<braid::Member> members = load_members_within(arguments.files);
  if (members.size() == 1) {
    spdlog::warn("WARNING: one model only: there is nothing to merge it with");
  }
  const std::vector<std::string> names = names_of(members);
  const braid::MergeOptions options = merge_options(arguments.flags, members);
  spdlog::info("merging");
  std::vector<MergeResult> results;
  const auto add = [&](braid::Merged merged, std::filesystem::path path) {
    const std::size_t first_group =
        results.empty() ? 0
                        : results.back().first_group + results.back().merged.report.groups.size();
    results.push_back({names, std::move(merged), std::move(path), {}, first_group, 0});
  };
  if (!arguments.flags.splits) {
    add(braid::merge(std::move(members), options), arguments.output);
    return results;
  }
  for (braid::Merged& merged : braid::merge_apart(std::move(members), options))
    add(std::move(merged), part_path(arguments.output, results.size() + 1));
  return results;
}

std::vector<MergeResult> merge_and_save(const MergeArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<MergeResult> results = merge_all(arguments);
  check_outputs(results, arguments.save);
  for (MergeResult& result : results) {
    spdlog::info("writing {}", result.path.string());
    result.saved = braid::save_model(result.merged.model, result.path, arguments.save);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    result.seconds = time.count();
  }
  return results;
}

// Checks what was written, not what is in memory.
int verify_written(const MergeArguments& arguments, const MergeResult& result, const Answer& answer,
                   Json& json) {
  spdlog::info("verifying {}", result.path.string());
  std::vector<braid::Member> all = load_members_within(arguments.files);
  std::set<std::size_t> own;
  for (const braid::GroupReport& group : result.merged.report.groups)
    own.insert(group.group.members.begin(), group.group.members.end());
  std::vector<braid::Member> members;
  for (const std::size_t index : own)
    members.push_back(std::move(all[index]));
  const braid::VerifyOptions options;
  const braid::VerifyReport report =
      braid::verify(braid::load_model(result.path), members, options);
  print_verify_answer(report, options, answer);
  put_verify_report(report, options, json["verify"]);
  return verify_exit_code(report, false);
}

int run_merge(const MergeArguments& arguments, const Session& session) {
  check_report(arguments.json);
  const bool splits = arguments.flags.splits;
  check_output(splits ? part_path(arguments.output, 1) : arguments.output,
               arguments.save.overwrite);
  const Answer answer(takes_stdout(arguments.json));
  Json json = new_report("merge", session);
  int exit_code = 0;
  for (const MergeResult& result : merge_and_save(arguments)) {
    print_merge_answer(result, arguments.report, answer);
    Json& file = splits ? json["files"].emplace_back() : json;
    put_merge_report(result, file);
    if (arguments.verify)
      exit_code = std::max(exit_code, verify_written(arguments, result, answer, file));
  }
  write_report(json, arguments.json);
  return exit_code;
}

}  // namespace

void add_merge(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand("merge", "Merge models into one");
  auto arguments = std::make_shared<MergeArguments>();
  verb.add_option("files", arguments->files,
                  "The models; a merged model stands for the members that it was merged from")
      ->required()
      ->type_name("FILE");
  verb.add_option("-o,--output", arguments->output, "The merged model")
      ->required()
      ->type_name("OUT");
  verb.add_flag("--force", arguments->save.overwrite, "Replace OUT if it exists");
  verb.add_option("--external-above", arguments->save.external_above,
                  "Weights of more bytes than this go to OUT.data; 1500000000 if not given")
      ->transform(CLI::AsSizeValue(true))
      ->type_name("BYTES");
  add_merge_flags(verb, arguments->flags);
  verb.add_flag(
      "!--no-record", arguments->flags.options.records,
      "Do not record how the members' files are made of OUT; it cannot be extracted from, "
      "refitted or merged with others then");
  verb.add_flag("--verify", arguments->verify, "Run braid verify on what was written");
  verb.add_flag("--report", arguments->report, "Print what became of each operator, and why");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_merge);
}
