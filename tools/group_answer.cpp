#include "tools/group_answer.hpp"

#include <algorithm>

namespace {

std::vector<std::string> names_at(const std::vector<std::size_t>& members,
                                  const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::size_t index : members)
    result.push_back(names[index]);
  return result;
}

Json json_sharing(const braid::Sharing& sharing) {
  return {{"positions", sharing.positions},
          {"shared_positions", sharing.shared_positions},
          {"mixed_positions", sharing.mixed_positions},
          {"total_bytes", sharing.total_bytes},
          {"unique_bytes", sharing.unique_bytes}};
}

Json json_site(const braid::SiteReport& site, const braid::GroupReport& group,
               const std::vector<std::string>& names, bool has_offers) {
  Json json = {{"node", site.node}, {"op_type", site.op_type}, {"rule", site.rule}};
  if (!site.form.empty()) json["form"] = site.form;
  json["reason"] = site.reason;
  if (site.members.size() < group.group.members.size())
    json["members"] = names_at(site.members, names);
  if (!has_offers) return json;
  json["offers"] = Json::array();
  for (const braid::Offer& offer : site.offers) {
    json["offers"].push_back(
        {{"rule", offer.rule}, {"form", offer.form}, {"cost", json_number(offer.cost)}});
  }
  return json;
}

}  // namespace

std::string group_label(std::size_t index) {
  if (index < 26) return fmt::format("group {}", static_cast<char>('A' + index));
  return fmt::format("group {}", index + 1);
}

std::vector<std::string> group_members(const braid::Group& group,
                                       const std::vector<std::string>& names) {
  return names_at(group.members, names);
}

std::string groups_text(const std::vector<braid::GroupReport>& groups) {
  std::size_t members = 0;
  std::size_t architectures = 0;
  bool is_divided = false;  // then groups may be of one architecture
  for (const braid::GroupReport& group : groups) {
    members += group.group.members.size();
    architectures += group.architectures.size();
    is_divided = is_divided || !group.reason.empty();
  }
  const auto count = [](std::size_t number, const std::string& noun) {
    return plural(static_cast<std::int64_t>(number), noun);
  };
  const std::string text = count(members, "model") + ", ";
  if (is_divided) return text + count(groups.size(), "group");
  if (groups.size() > 1 && groups.size() == members)
    return text + count(architectures, "architecture") +
           ", nothing in common: they stand side by side";
  return text + count(architectures, "architecture") +
         (groups.size() < architectures ? " in " + count(groups.size(), "group") : "");
}

std::string reason_text(const braid::GroupReport& group) {
  std::string text = group.reason;
  if (!text.empty()) text += "; ";
  if (group.group.members.size() == 1) return text + "alone";
  if (group.architectures.size() == 1) return text + "one architecture";
  const auto common =
      std::count_if(group.sites.begin(), group.sites.end(), [&](const braid::SiteReport& site) {
        return site.members.size() == group.group.members.size();
      });
  return text + fmt::format(
                    "{} architectures with a common trunk: {} of {} positions are common "
                    "to all members",
                    group.architectures.size(), common, group.sites.size());
}

std::map<std::string, std::int64_t> rule_counts(const braid::GroupReport& group) {
  std::map<std::string, std::int64_t> counts;
  for (const braid::SiteReport& site : group.sites)
    ++counts[site.rule];
  return counts;
}

std::string sharing_text(const braid::Sharing& sharing, std::size_t member_count) {
  if (member_count == 1) {
    return fmt::format("{}, {}", plural(sharing.positions, "weight tensor"),
                       format_bytes(sharing.total_bytes));
  }
  const std::string some =
      sharing.mixed_positions == 0 ? "" : fmt::format(", {} in some", sharing.mixed_positions);
  return fmt::format("{} of {} weight tensors the same in all members{}; {} in all, {} unique",
                     sharing.shared_positions, sharing.positions, some,
                     format_bytes(sharing.total_bytes), format_bytes(sharing.unique_bytes));
}

void print_difference(const braid::Group& group, const std::string& first_name,
                      const std::string& name, const Answer& answer) {
  if (!group.difference) return;
  answer.line("           differs from group A:");
  answer.line("             {}: {}", first_name, group.difference->first);
  answer.line("             {}: {}", name, group.difference->second);
  answer.line("             {}", group.difference->cause);
}

void print_groups(const std::vector<braid::Group>& groups, const std::vector<std::string>& names,
                  bool has_weights, const Answer& answer) {
  answer.line("{}, {}", plural(static_cast<std::int64_t>(names.size()), "model"),
              plural(static_cast<std::int64_t>(groups.size()), "architecture"));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::vector<std::string> members = group_members(groups[i], names);
    answer.line("  {}  {}", group_label(i), join(members, 8));
    answer.line("           {}", has_weights
                                     ? sharing_text(groups[i].sharing, members.size())
                                     : plural(groups[i].sharing.positions, "weight tensor") +
                                           "; some have no data, so sharing is not known");
    print_difference(groups[i], names[groups[0].members[0]], members[0], answer);
  }
}

void print_families(const braid::MemberComparison& comparison,
                    const std::vector<std::string>& names, bool has_weights, const Answer& answer) {
  for (const braid::Kinship& family : comparison.families) {
    if (family.groups.size() < 2) continue;
    std::vector<std::string> sizes;
    for (std::size_t i = 0; i < family.groups.size(); ++i)
      sizes.push_back(fmt::format("{} has {}", group_label(family.groups[i]), family.nodes[i]));
    answer.line("  family   {}", join(names_at(family.members, names), 8));
    answer.line("           common trunk of {}; {}", plural(family.common_nodes, "node"),
                join(sizes, 8));
    if (!has_weights) continue;
    answer.line("           {}", sharing_text(family.sharing, family.members.size()));
  }
}

Json json_family(const braid::Kinship& family, const std::vector<std::string>& names) {
  return {{"members", names_at(family.members, names)},
          {"groups", family.groups},
          {"nodes", family.nodes},
          {"common_nodes", family.common_nodes},
          {"sharing", json_sharing(family.sharing)}};
}

Json json_group(const braid::Group& group, const std::vector<std::string>& names) {
  Json json = {{"members", group_members(group, names)}, {"sharing", json_sharing(group.sharing)}};
  if (group.difference) {
    json["difference"] = {{"first", group.difference->first},
                          {"second", group.difference->second},
                          {"cause", group.difference->cause}};
  }
  return json;
}

Json json_footprint(const braid::Footprint& footprint) {
  return {{"launches", footprint.launches},
          {"bytes_moved", footprint.bytes_moved},
          {"weights", footprint.weights},
          {"activations", footprint.activations}};
}

Json json_group_report(const braid::GroupReport& group, const std::vector<std::string>& names,
                       bool has_offers) {
  Json json = json_group(group.group, names);
  json["architectures"] = Json::array();
  for (const std::vector<std::size_t>& members : group.architectures)
    json["architectures"].push_back(names_at(members, names));
  json["reason"] = reason_text(group);
  json["nodes_before"] = group.nodes_before;
  json["nodes_after"] = group.nodes_after;
  json["before"] = json_footprint(group.before);
  json["rules"] = rule_counts(group);
  json["sites"] = Json::array();
  for (const braid::SiteReport& site : group.sites)
    json["sites"].push_back(json_site(site, group, names, has_offers));
  return json;
}
