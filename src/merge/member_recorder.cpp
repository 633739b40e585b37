#include "merge/member_recorder.hpp"

#include <algorithm>
#include <set>

#include "record/options_json.hpp"
#include "support/utf8.hpp"

namespace braid {

MemberRecorder::MemberRecorder(const std::vector<Member>& members, int jobs) {
  for (const Member& member : members)
    sources_.push_back(member.model.source);
  auto files = contents_.add(sources_, jobs);
  for (std::size_t m = 0; m < members.size(); ++m) {
    members_.push_back({members[m].name, as_utf8(members[m].path.filename().string()),
                        sources_[m].get(), std::move(files[m])});
  }
}

std::vector<std::string> MemberRecorder::file_hashes() const {
  std::vector<std::string> hashes;
  for (const SourceMember& member : members_)
    hashes.push_back(member.source == nullptr ? "" : member.files[0].hash);
  return hashes;
}

void MemberRecorder::add_record(const MergeOptions& options, Merged& merged) const {
  std::set<std::size_t> indices;
  std::vector<RecordedGroup> groups;
  for (const GroupReport& report : merged.report.groups) {
    RecordedGroup& group = groups.emplace_back();
    group.architectures = static_cast<std::int64_t>(report.architectures.size());
    group.sharing = report.group.sharing;
    for (const std::size_t index : report.group.members)
      group.members.push_back(members_[index].name);
    indices.insert(report.group.members.begin(), report.group.members.end());
  }
  std::vector<SourceMember> members;
  for (const std::size_t index : indices)
    members.push_back(members_[index]);
  const auto has_no_file = [](const SourceMember& member) { return member.source == nullptr; };
  if (std::ranges::any_of(members, has_no_file)) return;
  std::string text = write_options(options, {indices.begin(), indices.end()});
  merged.report.kept_bytes =
      braid::add_record(members, contents_, std::move(groups), std::move(text), merged.model);
  merged.report.merged_bytes += merged.report.kept_bytes;
}

}  // namespace braid
