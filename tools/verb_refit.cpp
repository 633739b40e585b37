// braid refit MERGED MEMBER NEW.onnx -o OUT.onnx: new weights for one member of a merged model.

#include <spdlog/spdlog.h>

#include <memory>

#include "braid/onnx.hpp"
#include "tools/json_report.hpp"
#include "tools/merged_file.hpp"
#include "tools/model_files.hpp"
#include "tools/verbs.hpp"

namespace {

struct RefitArguments {
  std::filesystem::path merged;
  std::string member;
  std::filesystem::path replacement;
  std::filesystem::path output;
  braid::SaveOptions save;
  std::string json;
};

int run_refit(const RefitArguments& arguments, const Session& session) {
  check_report(arguments.json);
  check_output(arguments.output, arguments.save.overwrite);
  const braid::Record record = load_record(arguments.merged);
  braid::Model replacement =
      std::move(load_all({arguments.replacement}, Weights::MustBeThere)[0].model);
  spdlog::info("replacing {}", arguments.member);
  const braid::Merged merged = braid::refit(record, arguments.member, std::move(replacement));
  spdlog::info("writing {}", arguments.output.string());
  const braid::SavedFiles saved = braid::save_model(merged.model, arguments.output, arguments.save);
  const Answer answer(takes_stdout(arguments.json));
  answer.line("replaced {} by {}", arguments.member, arguments.replacement.string());
  answer.line("wrote    {} {}", arguments.output.string(),
              format_bytes(saved.model_bytes + saved.data_bytes));
  Json json = new_report("refit", session);
  json["merged"] = arguments.merged.string();
  json["member"] = arguments.member;
  json["output"] = {{"path", arguments.output.string()},
                    {"model_bytes", saved.model_bytes},
                    {"data_bytes", saved.data_bytes}};
  write_report(json, arguments.json);
  return 0;
}

}  // namespace

void add_refit(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand(
      "refit", "Replace one member's weights in a merged model, which stays as it is otherwise");
  auto arguments = std::make_shared<RefitArguments>();
  verb.add_option("merged", arguments->merged, "The merged model")->required()->type_name("MERGED");
  verb.add_option("member", arguments->member, "Its name, as braid inspect tells")
      ->required()
      ->type_name("MEMBER");
  verb.add_option("new", arguments->replacement, "The same architecture with the new weights")
      ->required()
      ->type_name("NEW");
  verb.add_option("-o,--output", arguments->output, "The merged model with them")
      ->required()
      ->type_name("OUT");
  verb.add_flag("--force", arguments->save.overwrite, "Replace OUT if it exists");
  verb.add_option("--external-above", arguments->save.external_above,
                  "Weights of more bytes than this go to OUT.data; 1500000000 if not given")
      ->transform(CLI::AsSizeValue(true))
      ->type_name("BYTES");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_refit);
}
