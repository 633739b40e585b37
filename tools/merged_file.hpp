#pragma once

#include <filesystem>
#include <vector>

#include "braid/record.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// The record of a merged file. Throws Error (BadInput), also if the file has none.
braid::Record load_record(const std::filesystem::path& path);

/// The members of the files, those of merged files in the place of these. Names that are taken get
/// "-2", "-3", ... and a warning.
std::vector<braid::Member> load_members_within(const std::vector<std::filesystem::path>& paths);

std::vector<std::string> names_of(const std::vector<braid::Member>& members);

/// Members, groups, sharing and the hashes of the members' files.
void print_record(const braid::Record& record, const Answer& answer);
Json json_record(const braid::Record& record);
