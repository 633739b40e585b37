#include "merge/divide_members.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "braid/error.hpp"
#include "merge/footprint.hpp"
#include "merge/unify_opsets.hpp"

namespace braid {
namespace {

class Divider {
 public:
  Divider(const Family& family, const std::vector<Member>& members, ContentIndex& contents,
          const MergeOptions& options)
      : family_(family), members_(members), options_(options) {
    for (const std::size_t m : family.members) {
      const Graph& graph = members[m].model.graph;
      std::map<int, std::uint64_t>& weights = weights_[m];
      for (const Value& value : graph.values) {
        if (value.is_constant()) weights[contents.id_of(value.constant)] = value.constant.bytes();
      }
      footprints_[m] = footprint_of(graph, options.dims);
    }
  }

  std::vector<Division> run() {
    std::vector<Division> divisions;
    std::vector<std::size_t> waiting = family_.members;
    while (!waiting.empty())
      divisions.push_back(take_part(waiting));
    if (divisions.size() > 1) {
      for (Division& division : divisions)
        division.reason = reason(division);
    }
    return divisions;
  }

 private:
  using Contents = std::map<int, std::uint64_t>;

  static std::uint64_t bytes_of(const Contents& contents) {
    std::uint64_t sum = 0;
    for (const auto& [id, bytes] : contents)
      sum += bytes;
    return sum;
  }

  std::uint64_t working_bytes(std::size_t member) const {
    return 2 * footprints_.at(member).activations;  // activations and as much workspace
  }

  static std::uint64_t common_bytes(const Contents& a, const Contents& b) {
    std::uint64_t sum = 0;
    for (const auto& [id, bytes] : b)
      sum += a.contains(id) ? bytes : 0;
    return sum;
  }

  Division take_part(std::vector<std::size_t>& waiting) {
    Division division;
    Contents contents;
    std::uint64_t working = 0;
    const auto needed = [&](std::size_t member) {
      Contents all = contents;
      all.insert(weights_.at(member).begin(), weights_.at(member).end());
      return bytes_of(all) + working + working_bytes(member);
    };
    const auto take = [&](std::vector<std::size_t>::iterator at) {
      contents.insert(weights_.at(*at).begin(), weights_.at(*at).end());
      working += working_bytes(*at);
      division.members.push_back(*at);
      waiting.erase(at);
    };
    check_fits(waiting[0], needed(waiting[0]));
    take(waiting.begin());
    while (!waiting.empty() &&
           (options_.max_group == 0 || division.members.size() < options_.max_group)) {
      const auto best =
          std::max_element(waiting.begin(), waiting.end(), [&](std::size_t a, std::size_t b) {
            return common_bytes(contents, weights_.at(a)) < common_bytes(contents, weights_.at(b));
          });
      if (options_.gpu_memory > 0 && needed(*best) > options_.gpu_memory) break;
      take(best);
    }
    std::sort(division.members.begin(), division.members.end());
    needs_.push_back(bytes_of(contents) + working);
    return division;
  }

  void check_fits(std::size_t member, std::uint64_t needed) const {
    if (options_.gpu_memory == 0 || needed <= options_.gpu_memory) return;
    throw Error(ErrorKind::CannotMerge,
                place_of(members_[member]) + ": needs about " + std::to_string(needed) +
                    " bytes alone (" + std::to_string(bytes_of(weights_.at(member))) +
                    " of weights), but " + std::to_string(options_.gpu_memory) +
                    " are allowed; allow more with --gpu-mem");
  }

  std::string reason(const Division& division) {
    std::string text = std::to_string(division.members.size()) + " of " +
                       std::to_string(family_.members.size()) + " members";
    if (options_.max_group > 0) text += ", at most " + std::to_string(options_.max_group);
    if (options_.gpu_memory > 0) {
      text += ", about " + std::to_string(needs_[next_++]) + " of " +
              std::to_string(options_.gpu_memory) + " bytes of memory";
    }
    return text;
  }

  const Family& family_;
  const std::vector<Member>& members_;
  const MergeOptions& options_;
  std::map<std::size_t, Contents> weights_;
  std::map<std::size_t, Footprint> footprints_;
  std::vector<std::uint64_t> needs_;  // by division
  std::size_t next_ = 0;
};

}  // namespace

std::vector<Division> divide_members(const Family& family, const std::vector<Member>& members,
                                     ContentIndex& contents, const MergeOptions& options) {
  if (options.max_group == 0 && options.gpu_memory == 0) return {{family.members, {}}};
  return Divider(family, members, contents, options).run();
}

std::vector<Division> divide_as_planned(const std::vector<Member>& members, const MergePlan& plan) {
  std::map<std::string, std::size_t> index;
  for (std::size_t m = 0; m < members.size(); ++m)
    index[members[m].name] = m;
  std::vector<Division> divisions;
  std::set<std::size_t> taken;
  for (const MergePlan::Group& group : plan.groups) {
    Division& division = divisions.emplace_back();
    division.reason = "as planned";
    for (const std::string& name : group.members) {
      const auto found = index.find(name);
      if (found == index.end()) {
        throw Error(ErrorKind::CannotMerge,
                    "the plan has a member '" + name + "', but no such model was given");
      }
      if (!taken.insert(found->second).second) {
        throw Error(ErrorKind::CannotMerge, "the plan has member '" + name + "' twice");
      }
      division.members.push_back(found->second);
    }
  }
  for (std::size_t m = 0; m < members.size(); ++m) {
    if (taken.contains(m)) continue;
    throw Error(ErrorKind::CannotMerge, place_of(members[m]) + ": member '" + members[m].name +
                                            "' is in no group of the plan; add it to one");
  }
  return divisions;
}

// Aligned anew, because the exemplar must be one of those kept: its constants stand for theirs.
std::vector<FoundGroup> restrict_groups(const std::vector<FoundGroup>& groups,
                                        const std::vector<Member>& members,
                                        const std::vector<std::size_t>& kept) {
  std::vector<FoundGroup> result;
  for (const FoundGroup& group : groups) {
    std::vector<std::size_t> own;
    std::vector<const Model*> models;
    for (const std::size_t m : group.members) {
      if (std::find(kept.begin(), kept.end(), m) == kept.end()) continue;
      own.push_back(m);
      models.push_back(&members[m].model);
    }
    if (own.size() == group.members.size()) {
      result.push_back(group);
      continue;
    }
    for (FoundGroup& found : sort_into_groups(models)) {
      for (std::size_t& m : found.members)
        m = own[m];
      found.difference = group.difference;
      result.push_back(std::move(found));
    }
  }
  return result;
}

}  // namespace braid
