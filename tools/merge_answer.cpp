#include "tools/merge_answer.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "tools/group_answer.hpp"
#include "tools/model_files.hpp"

namespace {

constexpr std::array<const char*, 6> kRules = {"fused", "stitched", "mixed",
                                               "once",  "stacked",  "per member"};

std::string rules_text(const braid::GroupReport& group) {
  const auto counts = rule_counts(group);
  std::vector<std::string> parts;
  for (const char* rule : kRules) {
    const auto at = counts.find(rule);
    if (at != counts.end()) parts.push_back(fmt::format("{} {}", at->second, rule));
  }
  return parts.empty() ? "nothing" : join(parts);
}

// Why operators were left per member: each reason once, with how often it applied.
void print_reasons(const braid::GroupReport& group, const Answer& answer) {
  std::map<std::string, std::int64_t> reasons;
  for (const braid::SiteReport& site : group.sites) {
    if (site.rule == "per member") ++reasons[site.op_type + ": " + site.reason];
  }
  for (const auto& [reason, count] : reasons) {
    answer.line("           per member: {} {}", count, reason);
  }
}

void print_sites(const braid::GroupReport& group, const Answer& answer) {
  Table table({"node", "operator", "rule", "reason"});
  for (const braid::SiteReport& site : group.sites) {
    table.add({site.node, site.op_type, site.rule, site.reason});
  }
  answer.line("{}", table.text("           ", {}));
}

void print_group(const MergeResult& result, std::size_t index, bool sites, const Answer& answer) {
  const std::vector<braid::GroupReport>& groups = result.merged.report.groups;
  const braid::GroupReport& group = groups[index];
  const std::vector<std::string> members = group_members(group.group, result.names);
  answer.line("  {}  {}", group_label(result.first_group + index), join(members, 8));
  if (!group.reason.empty() || group.architectures.size() > 1)
    answer.line("           {}", reason_text(group));
  answer.line("           {} nodes of one member -> {} merged", group.nodes_before,
              group.nodes_after);
  if (members.size() > 1) {
    answer.line("           {}", rules_text(group));
    print_reasons(group, answer);
  }
  answer.line("           {}", sharing_text(group.group.sharing, members.size()));
  if (sites && members.size() > 1) print_sites(group, answer);
}

std::string port_list(const braid::Graph& graph, const std::vector<braid::ValueId>& ids) {
  std::vector<std::string> texts;
  for (const braid::ValueId id : ids) {
    texts.push_back(format_port(graph.value(id).name, graph.value(id).type));
  }
  return join(texts, 3);
}

}  // namespace

void print_merge_answer(const MergeResult& result, bool sites, const Answer& answer) {
  const braid::Model& model = result.merged.model;
  answer.line("{}; opset {}, IR {}", groups_text(result.merged.report.groups), model.opset(),
              model.ir_version);
  for (std::size_t i = 0; i < result.merged.report.groups.size(); ++i) {
    print_group(result, i, sites, answer);
  }
  std::string wrote =
      fmt::format("{} {}", result.path.string(), format_bytes(result.saved.model_bytes));
  if (result.saved.data_bytes > 0) {
    wrote += fmt::format(" + {}.data {}", result.path.filename().string(),
                         format_bytes(result.saved.data_bytes));
  }
  answer.line("wrote    {}, {}, in {:.1f} s", wrote,
              plural(static_cast<std::int64_t>(model.graph.nodes.size()), "node"), result.seconds);
  if (result.merged.report.kept_bytes > 0) {
    answer.line(
        "         of these {} only for braid extract: weights that no node reads as they were",
        format_bytes(result.merged.report.kept_bytes));
  }
  answer.line("inputs   {}", port_list(model.graph, model.graph.inputs));
  answer.line("outputs  {}", port_list(model.graph, model.graph.outputs));
}

void put_merge_report(const MergeResult& result, Json& json) {
  const braid::Model& model = result.merged.model;
  json["groups"] = Json::array();
  for (const braid::GroupReport& group : result.merged.report.groups) {
    json["groups"].push_back(json_group_report(group, result.names, /*has_offers=*/false));
  }
  Json output = {{"path", result.path.string()},
                 {"model_bytes", result.saved.model_bytes},
                 {"data_bytes", result.saved.data_bytes},
                 {"weight_bytes", result.merged.report.merged_bytes},
                 {"kept_bytes", result.merged.report.kept_bytes},
                 {"nodes", model.graph.nodes.size()},
                 {"opset", model.opset()},
                 {"ir_version", model.ir_version}};
  for (const auto& [key, ids] :
       {std::pair("inputs", &model.graph.inputs), std::pair("outputs", &model.graph.outputs)}) {
    output[key] = Json::array();
    for (const braid::ValueId id : *ids) {
      output[key].push_back(json_port(model.graph.value(id).name, model.graph.value(id).type));
    }
  }
  output["after"] = json_footprint(result.merged.report.after);
  json["output"] = std::move(output);
  json["seconds"] = result.seconds;
}
