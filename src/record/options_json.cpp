#include "record/options_json.hpp"

#include <nlohmann/json.hpp>

#include "braid/error.hpp"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

Json plan_json(const MergePlan& plan) {
  Json groups = Json::array();
  for (const MergePlan::Group& group : plan.groups) {
    Json sites = Json::array();
    for (const MergePlan::Site& site : group.sites)
      sites.push_back({site.node, site.rule, site.form});
    groups.push_back({{"members", group.members}, {"sites", std::move(sites)}});
  }
  return groups;
}

MergePlan read_plan(const Json& json) {
  MergePlan plan;
  for (const Json& entry : json) {
    MergePlan::Group& group = plan.groups.emplace_back();
    group.members = entry.at("members").get<std::vector<std::string>>();
    for (const Json& site : entry.at("sites"))
      group.sites.push_back({site.at(0), site.at(1), site.at(2)});
  }
  return plan;
}

}  // namespace

std::string write_options(const MergeOptions& options, const std::vector<std::size_t>& members) {
  Json json = {{"merges_always", options.merges_always},
               {"target", options.target == Target::Cpu ? "cpu" : "gpu"},
               {"shares_inputs", options.shares_inputs},
               {"combination", to_string(options.combination)},
               {"max_group", options.max_group},
               {"gpu_memory", options.gpu_memory},
               {"dims", options.dims}};
  if (options.combination == Combination::Weighted) {
    for (const std::size_t member : members)
      json["weights"].push_back(options.combination_weights.at(member));
  }
  if (options.plan) json["plan"] = plan_json(*options.plan);
  return json.dump();
}

MergeOptions read_options(const std::string& text, const std::filesystem::path& path) {
  try {
    const Json json = Json::parse(text);
    MergeOptions options;
    options.merges_always = json.at("merges_always");
    options.target = json.at("target") == "cpu" ? Target::Cpu : Target::Gpu;
    options.shares_inputs = json.at("shares_inputs");
    options.combination = find_combination(json.at("combination")).value_or(Combination::None);
    options.max_group = json.at("max_group");
    options.gpu_memory = json.at("gpu_memory");
    options.dims = json.at("dims").get<std::map<std::string, std::int64_t>>();
    if (json.contains("weights"))
      options.combination_weights = json.at("weights").get<std::vector<double>>();
    if (json.contains("plan")) options.plan = read_plan(json.at("plan"));
    return options;
  } catch (const Json::exception& error) {
    throw Error(ErrorKind::BadInput, path.string() + ": the options in its record are damaged: " +
                                         error.what() + "; merge the members' files again");
  }
}

}  // namespace braid
