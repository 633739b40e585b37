// braid plan A.onnx B.onnx ...: what braid merge would do with the same options, and why.

#include <spdlog/spdlog.h>

#include <memory>

#include "tools/json_report.hpp"
#include "tools/merge_flags.hpp"
#include "tools/merged_file.hpp"
#include "tools/model_files.hpp"
#include "tools/plan_answer.hpp"
#include "tools/plan_file.hpp"
#include "tools/verbs.hpp"

namespace {

struct PlanArguments {
  Paths files;
  MergeFlags flags;
  bool sites = false;
  std::string json;
};

int run_plan(const PlanArguments& arguments, const Session& session) {
  check_report(arguments.json);
  std::vector<braid::Member> members = load_members_within(arguments.files);
  const std::vector<std::string> names = names_of(members);
  braid::MergeOptions options = merge_options(arguments.flags, members);
  options.records = false;
  spdlog::info("planning");
  std::vector<braid::Merged> files;
  if (arguments.flags.splits) {
    files = braid::merge_apart(std::move(members), options);
  } else {
    files.push_back(braid::merge(std::move(members), options));
  }
  print_plan_answer(files, names, arguments.sites, Answer(takes_stdout(arguments.json)));
  Json json = new_report("plan", session);
  json["options"] = json_options(options);
  put_plan(files, names, json);
  write_report(json, arguments.json);
  return 0;
}

}  // namespace

void add_plan(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand(
      "plan", "Tell what merge would do, and why; with --json as a file to edit for merge --plan");
  auto arguments = std::make_shared<PlanArguments>();
  verb.add_option("files", arguments->files, "The models")->required()->type_name("FILE");
  add_merge_flags(verb, arguments->flags);
  verb.add_flag("--sites", arguments->sites,
                "Every position on its own, with all that was on offer and its cost");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_plan);
}
