#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// "group A": letters first, numbers when they run out.
std::string group_label(std::size_t index);

/// Names of the members of a group, in their order.
std::vector<std::string> group_members(const braid::Group& group,
                                       const std::vector<std::string>& names);

/// "3 models, 2 architectures in 1 group"
std::string groups_text(const std::vector<braid::GroupReport>& groups);

/// Why the members of a group are merged with each other.
std::string reason_text(const braid::GroupReport& group);

/// How many sites got which rule.
std::map<std::string, std::int64_t> rule_counts(const braid::GroupReport& group);

/// "160 of 201 weight tensors are the same in all members; 1.5 GB in all, 0.9 GB unique"
std::string sharing_text(const braid::Sharing& sharing, std::size_t member_count);

/// Members and sharing of each group, and where it parts from the first one.
void print_groups(const std::vector<braid::Group>& groups, const std::vector<std::string>& names,
                  bool has_weights, const Answer& answer);

/// Which groups have a common trunk, and how large it is; nothing if none have.
void print_families(const braid::MemberComparison& comparison,
                    const std::vector<std::string>& names, bool has_weights, const Answer& answer);

/// The lines that show where a group parts from the first group; none for the first group.
void print_difference(const braid::Group& group, const std::string& first_name,
                      const std::string& name, const Answer& answer);

Json json_group(const braid::Group& group, const std::vector<std::string>& names);

/// A family, with its groups as places in a list of them.
Json json_family(const braid::Kinship& family, const std::vector<std::string>& names);

/// What a report says of a group; `has_offers`: also what each site could have been instead.
Json json_group_report(const braid::GroupReport& group, const std::vector<std::string>& names,
                       bool has_offers);
Json json_footprint(const braid::Footprint& footprint);
