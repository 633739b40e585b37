#include "tools/merged_file.hpp"

#include <spdlog/spdlog.h>

#include <set>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "tools/group_answer.hpp"
#include "tools/model_files.hpp"

braid::Record load_record(const std::filesystem::path& path) {
  std::optional<braid::Record> record = braid::Record::of(braid::load_model(path), path);
  if (record) return std::move(*record);
  throw braid::Error(braid::ErrorKind::BadInput,
                     path.string() +
                         ": has no record of members; it was not merged by braid merge, or with "
                         "--no-record, or another program has written it since");
}

std::vector<braid::Member> load_members_within(const std::vector<std::filesystem::path>& paths) {
  std::vector<braid::Member> members = braid::expand_members(load_all(paths, Weights::MustBeThere));
  std::set<std::string> taken;
  for (braid::Member& member : members) {
    const std::string name = member.name;
    for (int number = 2; !taken.insert(member.name).second; ++number)
      member.name = name + "-" + std::to_string(number);
    if (member.name != name)
      spdlog::warn("two members are named '{}'; the second one is '{}' now", name, member.name);
  }
  return members;
}

std::vector<std::string> names_of(const std::vector<braid::Member>& members) {
  std::vector<std::string> names;
  for (const braid::Member& member : members)
    names.push_back(member.name);
  return names;
}

void print_record(const braid::Record& record, const Answer& answer) {
  answer.line("  merged from {}",
              plural(static_cast<std::int64_t>(record.members().size()), "member"));
  Table table({"member", "file", "bytes", "XXH3 of the file"});
  for (const braid::RecordedMember& member : record.members()) {
    std::uint64_t bytes = 0;
    for (const braid::RecordedFile& file : member.files)
      bytes += file.bytes;
    table.add({member.name, member.file, format_bytes(bytes), member.files[0].hash});
  }
  answer.line("{}", table.text("    ", {2}));
  for (std::size_t i = 0; i < record.groups().size(); ++i) {
    const braid::RecordedGroup& group = record.groups()[i];
    answer.line("  {}  {}", group_label(i), join(group.members, 8));
    if (group.architectures > 1)
      answer.line("    {} in part the same", plural(group.architectures, "architecture"));
    answer.line("    {}", sharing_text(group.sharing, group.members.size()));
  }
  answer.line("  weights    {} distinct in the members' files, {} of them kept beside the graph",
              format_bytes(record.weight_bytes()), format_bytes(record.kept_bytes()));
}

Json json_record(const braid::Record& record) {
  Json members = Json::array();
  for (const braid::RecordedMember& member : record.members()) {
    Json files = Json::array();
    for (const braid::RecordedFile& file : member.files)
      files.push_back(
          {{"location", file.location}, {"bytes", file.bytes}, {"xxh3_128", file.hash}});
    members.push_back({{"name", member.name}, {"file", member.file}, {"files", std::move(files)}});
  }
  Json groups = Json::array();
  for (const braid::RecordedGroup& group : record.groups()) {
    groups.push_back({{"members", group.members},
                      {"architectures", group.architectures},
                      {"positions", group.sharing.positions},
                      {"shared_positions", group.sharing.shared_positions},
                      {"mixed_positions", group.sharing.mixed_positions},
                      {"total_bytes", group.sharing.total_bytes},
                      {"unique_bytes", group.sharing.unique_bytes}});
  }
  return {{"members", std::move(members)},
          {"groups", std::move(groups)},
          {"weight_bytes", record.weight_bytes()},
          {"kept_bytes", record.kept_bytes()}};
}
