#include "braid/merge.hpp"

#include "merge/assemble.hpp"
#include "merge/divide_members.hpp"
#include "merge/member_recorder.hpp"
#include "merge/prepare_members.hpp"

namespace braid {
namespace {

class Merge {
 public:
  Merge(std::vector<Member> members, const MergeOptions& options)
      : options_(options),
        recorder_(members, options.jobs),
        prepared_(prepare(std::move(members))) {
    prepared_.file_hashes = recorder_.file_hashes();
    std::vector<const Model*> models;
    for (const Member& member : prepared_.members)
      models.push_back(&member.model);
    all_groups_ = sort_into_groups(models);
    for (const Division& division : divide())
      choose_families(division);
  }

  Merged together() const { return finished(assemble(prepared_, groups_, families_, options_)); }

  std::vector<Merged> apart() {
    std::vector<Merged> result;
    for (ChosenFamily& chosen : families_) {
      std::deque<ChosenFamily> one;
      one.push_back(std::move(chosen));
      result.push_back(finished(assemble(prepared_, groups_, one, options_)));
    }
    return result;
  }

 private:
  Merged finished(Merged merged) const {
    if (options_.records) recorder_.add_record(options_, merged);
    return merged;
  }

  static PreparedMembers prepare(std::vector<Member> members) {
    check_weights(members);
    return prepare_members(std::move(members));
  }

  std::vector<Division> divide() {
    if (options_.plan) return divide_as_planned(prepared_.members, *options_.plan);
    std::vector<Division> divisions;
    for (const Family& family : find_families(all_groups_, contents_)) {
      for (Division& division : divide_members(family, prepared_.members, contents_, options_)) {
        divisions.push_back(std::move(division));
      }
    }
    return divisions;
  }

  // Families of the members of a division alone, of which there may be several if a plan says so.
  void choose_families(const Division& division) {
    const std::size_t first = groups_.size();
    for (FoundGroup& group : restrict_groups(all_groups_, prepared_.members, division.members))
      groups_.push_back(std::move(group));
    const std::vector<FoundGroup> own(groups_.begin() + static_cast<std::ptrdiff_t>(first),
                                      groups_.end());
    const std::size_t place = next_division_++;
    for (Family& family : find_families(own, contents_)) {
      for (std::size_t& group : family.groups)
        group += first;
      ChosenFamily chosen{std::move(family), division.reason, nullptr};
      if (options_.plan && !options_.plan->groups[place].sites.empty()) {
        chosen.plan = &options_.plan->groups[place];
      }
      families_.push_back(std::move(chosen));
    }
  }

  const MergeOptions& options_;
  MemberRecorder recorder_;
  PreparedMembers prepared_;
  ContentIndex contents_{&recorder_.contents()};
  std::vector<FoundGroup> all_groups_;
  std::vector<FoundGroup> groups_;  // those of the divisions
  std::deque<ChosenFamily> families_;
  std::size_t next_division_ = 0;
};

}  // namespace

Merged merge(std::vector<Member> members, const MergeOptions& options) {
  return Merge(std::move(members), options).together();
}

std::vector<Merged> merge_apart(std::vector<Member> members, const MergeOptions& options) {
  return Merge(std::move(members), options).apart();
}

}  // namespace braid
