#include <algorithm>

#include "merge/family.hpp"
#include "merge/prepare_members.hpp"

namespace braid {
namespace {

Kinship kinship_of(const Family& family, const std::vector<FoundGroup>& groups,
                   ContentIndex& contents) {
  Kinship kinship;
  kinship.groups = family.groups;
  kinship.members = family.members;
  kinship.common_nodes = std::ranges::count_if(family.columns, [&](const Column& column) {
    const Piece& piece = family.pieces[static_cast<std::size_t>(column.piece)];
    return piece.groups.size() == family.groups.size();
  });
  for (const std::size_t g : family.groups) {
    const std::size_t nodes = groups[g].aligned.exemplar().nodes.size();
    kinship.nodes.push_back(static_cast<std::int64_t>(nodes));
  }
  SharingSum sum(family.members.size());
  for (const Piece& piece : family.pieces)
    sum.add(piece.aligned, share_classes(piece.aligned, contents), piece.members);
  kinship.sharing = sum.sharing();
  return kinship;
}

Group summary_of(FoundGroup found, ContentIndex& contents) {
  SharingSum sum(found.members.size());
  sum.add(found.aligned, share_classes(found.aligned, contents), found.members);
  return {std::move(found.members), sum.sharing(), std::move(found.difference)};
}

}  // namespace

MemberComparison compare_members(std::vector<Member> members) {
  const PreparedMembers prepared = prepare_members(std::move(members));
  std::vector<const Model*> models;
  for (const Member& member : prepared.members)
    models.push_back(&member.model);
  std::vector<FoundGroup> groups = sort_into_groups(models);
  ContentIndex contents;
  MemberComparison comparison;
  for (const Family& family : find_families(groups, contents))
    comparison.families.push_back(kinship_of(family, groups, contents));
  for (FoundGroup& group : groups)
    comparison.groups.push_back(summary_of(std::move(group), contents));
  return comparison;
}

}  // namespace braid
