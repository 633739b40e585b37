// merged model of a, b, c; new weights of b  =>  merged model of a, new b, c, of the same structure
//
// It is merged again, for passes may have computed any constant from b's weights. Refused where
// that changes the structure.

#include <algorithm>
#include <map>
#include <set>

#include "braid/error.hpp"
#include "braid/record.hpp"
#include "merge/share.hpp"

namespace braid {
namespace {

std::vector<const Value*> weights_of(const Model& model) {
  std::vector<const Value*> weights;
  for (const Value& value : model.graph.values) {
    if (value.is_constant() && value.constant.has_data()) weights.push_back(&value);
  }
  return weights;
}

// Which of the other members have a weight with the same content, by its number.
using Owners = std::map<int, std::set<std::string>>;

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Why sharing no longer fits: the first weight that parts from other members, or meets them.
std::string changed_sharing(const Model& before, const Model& after, const Owners& owners,
                            ContentIndex& contents) {
  std::map<std::string, int> old;
  for (const Value* weight : weights_of(before))
    old.emplace(weight->name, contents.id_of(weight->constant));
  for (const Value* weight : weights_of(after)) {
    const auto known = old.find(weight->name);
    const int id = contents.id_of(weight->constant);
    if (known == old.end() || known->second == id) continue;
    if (const auto sharers = owners.find(known->second); sharers != owners.end()) {
      return "weight '" + weight->name + "' is shared with " + listed(sharers->second) +
             ", and the new one differs";
    }
    if (const auto sharers = owners.find(id); sharers != owners.end()) {
      return "weight '" + weight->name + "' now equals one of " + listed(sharers->second) +
             ", which had none in common with it";
    }
  }
  return "its weights no longer merge in the same way";
}

std::string reason(const std::vector<Member>& members, std::size_t place, const Member& old) {
  Member replacement = members[place];
  replacement.name += " (new)";
  const MemberComparison comparison = compare_members({old, replacement});
  if (comparison.groups.size() > 1) {
    const Difference& difference = *comparison.groups[1].difference;
    return "it is of another architecture: " + difference.first + " / " + difference.second + ": " +
           difference.cause;
  }
  ContentIndex contents;
  Owners owners;
  for (std::size_t m = 0; m < members.size(); ++m) {
    if (m == place) continue;
    for (const Value* weight : weights_of(members[m].model))
      owners[contents.id_of(weight->constant)].insert(members[m].name);
  }
  return changed_sharing(old.model, members[place].model, owners, contents);
}

}  // namespace

Merged refit(const Record& record, const std::string& name, Model replacement) {
  std::vector<Member> members;
  for (const RecordedMember& own : record.members())
    members.push_back(record.member(own.name));
  const auto found = std::ranges::find(members, name, &Member::name);
  if (found == members.end()) static_cast<void>(record.member(name));  // throws: it has none
  const auto place = static_cast<std::size_t>(found - members.begin());
  const Member old = members[place];
  members[place].model = std::move(replacement);
  Merged merged = merge(members, record.options());
  if (!record.has_structure_of(merged.model)) {
    throw Error(ErrorKind::CannotMerge, "member '" + name + "' cannot be replaced in place: " +
                                            reason(members, place, old) +
                                            "; take the file apart with braid split, and merge");
  }
  return merged;
}

}  // namespace braid
