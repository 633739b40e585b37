#include "tools/plan_answer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "tools/group_answer.hpp"

namespace {

constexpr const char* kIndent = "           ";

std::string cost_text(double cost) {
  return format_bytes(static_cast<std::uint64_t>(std::llround(std::max(cost, 0.0))));
}

// The same rule for the same operator for the same reason counts as one line.
void print_rules(const braid::GroupReport& group, const Answer& answer) {
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> counts;
  for (const braid::SiteReport& site : group.sites)
    ++counts[{site.rule, site.op_type, site.reason}];
  Table table({"rule", "operator", "positions", "reason"});
  for (const auto& [key, count] : counts) {
    const auto& [rule, op_type, reason] = key;
    table.add({rule, op_type, format_count(count), reason});
  }
  answer.line("{}", table.text(kIndent, {2}));
}

std::string offers_text(const braid::SiteReport& site) {
  std::vector<std::string> texts;
  for (const braid::Offer& offer : site.offers)
    texts.push_back(fmt::format("{} as {} {}", offer.rule, offer.form, cost_text(offer.cost)));
  return texts.empty() ? "-" : join(texts);
}

void print_sites(const braid::GroupReport& group, const Answer& answer) {
  Table table({"node", "operator", "members", "rule", "form", "reason", "offers and costs"});
  for (const braid::SiteReport& site : group.sites) {
    table.add({site.node, site.op_type, std::to_string(site.members.size()), site.rule,
               site.form.empty() ? "-" : site.form, site.reason, offers_text(site)});
  }
  answer.line("{}", table.text(kIndent, {2}));
}

void print_group(const braid::GroupReport& group, const std::string& label,
                 const std::vector<std::string>& names, bool sites, const Answer& answer) {
  const std::vector<std::string> members = group_members(group.group, names);
  answer.line("  {}  {}", label, join(members, 8));
  answer.line("{}{}", kIndent, reason_text(group));
  if (group.architectures.size() > 1) {
    for (const std::vector<std::size_t>& architecture : group.architectures) {
      std::vector<std::string> own;
      for (const std::size_t index : architecture)
        own.push_back(names[index]);
      answer.line("{}architecture: {}", kIndent, join(own, 8));
    }
  }
  answer.line("{}{}", kIndent, sharing_text(group.group.sharing, members.size()));
  if (members.size() == 1) return;
  if (sites) {
    print_sites(group, answer);
  } else {
    print_rules(group, answer);
  }
}

// The members of a file one after the other.
braid::Footprint before(const braid::MergeReport& report) {
  braid::Footprint sum;
  for (const braid::GroupReport& group : report.groups) {
    sum.launches += group.before.launches;
    sum.bytes_moved += group.before.bytes_moved;
    sum.weights += group.before.weights;
    sum.activations = std::max(sum.activations, group.before.activations);
  }
  return sum;
}

void print_prediction(const braid::MergeReport& report, const Answer& answer) {
  const braid::Footprint members = before(report);
  const braid::Footprint& merged = report.after;
  Table table({"", "members in turn", "merged"});
  table.add({"launches", format_count(members.launches), format_count(merged.launches)});
  table.add({"bytes moved", format_bytes(members.bytes_moved), format_bytes(merged.bytes_moved)});
  table.add({"weights", format_bytes(members.weights), format_bytes(merged.weights)});
  table.add({"activations", format_bytes(members.activations), format_bytes(merged.activations)});
  answer.line("{}", table.text("  ", {1, 2}));
}

}  // namespace

void print_plan_answer(const std::vector<braid::Merged>& files,
                       const std::vector<std::string>& names, bool sites, const Answer& answer) {
  std::size_t index = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const braid::MergeReport& report = files[i].report;
    answer.line("{}{}", files.size() == 1 ? "" : fmt::format("file {}: ", i + 1),
                groups_text(report.groups));
    for (const braid::GroupReport& group : report.groups)
      print_group(group, group_label(index++), names, sites, answer);
    print_prediction(report, answer);
  }
}

void put_plan(const std::vector<braid::Merged>& files, const std::vector<std::string>& names,
              Json& json) {
  json["groups"] = Json::array();
  json["predicted"] = Json::array();
  for (const braid::Merged& file : files) {
    for (const braid::GroupReport& group : file.report.groups)
      json["groups"].push_back(json_group_report(group, names, /*has_offers=*/true));
    json["predicted"].push_back({{"groups", file.report.groups.size()},
                                 {"before", json_footprint(before(file.report))},
                                 {"after", json_footprint(file.report.after)}});
  }
}
