#include "tools/group_answer.hpp"

std::string group_label(std::size_t index) {
  if (index < 26) return fmt::format("group {}", static_cast<char>('A' + index));
  return fmt::format("group {}", index + 1);
}

std::vector<std::string> group_members(const braid::Group& group,
                                       const std::vector<std::string>& names) {
  std::vector<std::string> members;
  for (const std::size_t index : group.members)
    members.push_back(names[index]);
  return members;
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

Json json_group(const braid::Group& group, const std::vector<std::string>& names) {
  Json json = {{"members", group_members(group, names)},
               {"sharing",
                {{"positions", group.sharing.positions},
                 {"shared_positions", group.sharing.shared_positions},
                 {"mixed_positions", group.sharing.mixed_positions},
                 {"total_bytes", group.sharing.total_bytes},
                 {"unique_bytes", group.sharing.unique_bytes}}}};
  if (group.difference) {
    json["difference"] = {{"first", group.difference->first},
                          {"second", group.difference->second},
                          {"cause", group.difference->cause}};
  }
  return json;
}
