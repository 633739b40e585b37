// braid inspect FILES...: what a model is; for several files also what they have in common.

#include <spdlog/spdlog.h>

#include <memory>

#include "braid/error.hpp"
#include "tools/group_answer.hpp"
#include "tools/json_report.hpp"
#include "tools/merged_file.hpp"
#include "tools/model_facts.hpp"
#include "tools/model_files.hpp"
#include "tools/text.hpp"
#include "tools/verbs.hpp"

namespace {

struct InspectArguments {
  Paths files;
  std::string json;
};

void print_one(const ModelFacts& facts, const Answer& answer) {
  answer.line("{}", facts.path);
  answer.line("  made by    {}", facts.producer.empty() ? "unknown" : facts.producer);
  answer.line("  IR         {}", facts.ir_version);
  answer.line("  opsets     {}", join(facts.opsets));
  for (const braid::Port& port : facts.inputs) {
    answer.line("  input      {}", format_port(port.name, port.type));
  }
  for (const braid::Port& port : facts.outputs) {
    answer.line("  output     {}", format_port(port.name, port.type));
  }
  answer.line("  dynamic    {}", facts.dynamic_dims.empty() ? "none" : join(facts.dynamic_dims));
  answer.line("  parameters {}", format_count(facts.parameters));
  for (const auto& [type, bytes] : facts.bytes) {
    answer.line("  bytes      {} {}", type, format_bytes(bytes));
  }
  if (facts.weightless > 0) {
    answer.line("  weightless {} without data; braid synth fills them",
                plural(facts.weightless, "tensor"));
  }
  std::vector<std::string> operators;
  for (const auto& [name, count] : facts.operators) {
    operators.push_back(fmt::format("{} {}", name, count));
  }
  answer.line("  nodes      {}: {}", format_count(facts.nodes), join(operators));
}

void print_several(const std::vector<ModelFacts>& all, const Answer& answer) {
  Table table({"model", "opsets", "nodes", "parameters", "bytes", "weightless"});
  for (const ModelFacts& facts : all) {
    std::uint64_t bytes = 0;
    for (const auto& entry : facts.bytes)
      bytes += entry.second;
    table.add({facts.name, join(facts.opsets), format_count(facts.nodes),
               format_count(facts.parameters), format_bytes(bytes),
               format_count(facts.weightless)});
  }
  answer.line("{}", table.text("", {2, 3, 4, 5}));
}

void print_comparison(const braid::MemberComparison& comparison, const std::vector<ModelFacts>& all,
                      const Answer& answer, Json& json) {
  std::vector<std::string> names;
  bool has_weights = true;
  for (const ModelFacts& facts : all) {
    names.push_back(facts.name);
    has_weights = has_weights && facts.weightless == 0;
  }
  print_groups(comparison.groups, names, has_weights, answer);
  print_families(comparison, names, has_weights, answer);
  json["groups"] = Json::array();
  for (const braid::Group& group : comparison.groups)
    json["groups"].push_back(json_group(group, names));
  json["families"] = Json::array();
  for (const braid::Kinship& family : comparison.families)
    json["families"].push_back(json_family(family, names));
}

// What merge would refuse is told, but it is no failure: each model has been looked at.
void compare(std::vector<braid::Member> members, const std::vector<ModelFacts>& all,
             const Answer& answer, Json& json) {
  spdlog::debug("comparing {}", plural(static_cast<std::int64_t>(members.size()), "model"));
  try {
    print_comparison(braid::compare_members(std::move(members)), all, answer, json);
  } catch (const braid::Error& error) {
    if (error.kind() != braid::ErrorKind::CannotMerge) throw;
    answer.line("They cannot be compared: {}", error.what());
    json["not_compared"] = error.what();
  }
}

int run_inspect(const InspectArguments& arguments, const Session& session) {
  check_report(arguments.json);
  std::vector<braid::Member> members = load_all(arguments.files, Weights::MayLack);
  const Answer answer(takes_stdout(arguments.json));
  Json json = new_report("inspect", session);
  std::vector<ModelFacts> all;
  for (const braid::Member& member : members)
    all.push_back(facts_of(member));
  std::optional<braid::Record> record;
  if (members.size() == 1) record = braid::Record::of(members[0].model, members[0].path);
  json["models"] = Json::array();
  for (const ModelFacts& facts : all)
    json["models"].push_back(json_facts(facts));
  if (members.size() == 1) {
    print_one(all[0], answer);
    if (record) {
      print_record(*record, answer);
      json["record"] = json_record(*record);
    }
  } else {
    print_several(all, answer);
    compare(std::move(members), all, answer, json);
  }
  write_report(json, arguments.json);
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand(
      "inspect", "Tell what a model is, and what several models have in common");
  auto arguments = std::make_shared<InspectArguments>();
  verb.add_option("files", arguments->files, "Models")->required()->type_name("FILE");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_inspect);
}
