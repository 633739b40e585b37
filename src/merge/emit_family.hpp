#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "merge/choose_forms.hpp"
#include "merge/emitter.hpp"
#include "merge/family.hpp"
#include "merge/site.hpp"

namespace braid {

/// The inputs of the merged graph that stand for those of the members: by member and input name.
using MemberInputs = std::vector<std::map<std::string, ValueId>>;

/// Emits a family: each piece with an Emitter of its own, in the order of the columns. Where pieces
/// meet, values pass as one tensor per member, or as one for all if they are uniform.
class FamilyEmitter {
 public:
  /// Everything referred to must outlive the emitter. `plan` prescribes rules; null: free choice.
  /// Throws Error (CannotMerge) if the plan does not fit.
  FamilyEmitter(const Family& family, const std::vector<FoundGroup>& groups,
                const MemberInputs& inputs, std::int64_t opset, const MergeOptions& options,
                const MergePlan::Group* plan, MergedGraph& merged);

  /// Emits all nodes, and tells what became of each column.
  std::vector<SiteReport> run();

  /// What stands in the merged graph for a value of a group's exemplar, by member of the group.
  std::vector<ValueId> values_of(std::size_t group, ValueId id);

  /// Whether a value of a group's exemplar may have another size in each member.
  bool is_ragged(std::size_t group, ValueId id);

  Sharing sharing() const;

 private:
  struct Part {
    const Piece* piece;
    GroupFacts facts;
    std::unique_ptr<Emitter> emitter;  // refers to the facts
    std::vector<Choice> chosen;
    std::map<std::size_t, std::size_t> index_of;  // place of a member in the piece
    std::vector<bool> is_entered;                 // by value: inputs whose kind is known
    std::vector<bool> is_defined;                 // by value: inputs that the emitter knows
  };

  Part& part(const Place& place) { return parts_[static_cast<std::size_t>(place.piece)]; }
  Part& part(const Column& column) { return parts_[static_cast<std::size_t>(column.piece)]; }
  const FoundGroup& group(std::size_t position) const { return groups_[family_.groups[position]]; }

  void choose(const MergePlan::Group* plan);
  void check_sites(const MergePlan::Group& plan);
  void find_all_kinds();
  void enter_input(Part& part, ValueId id);
  void define_input(Part& part, ValueId id);
  const Place* common_place(const Part& part, ValueId id) const;
  bool is_one_graph_input(const Part& part, ValueId id);
  bool comes_ragged(const Part& part, ValueId id);
  std::vector<ValueId> values_of(std::size_t group, ValueId id, const Place& place);
  void emit(const Column& column);
  void annotate(const Column& column, std::size_t first_node);
  SiteReport report_of(const Column& column);

  const Family& family_;
  const std::vector<FoundGroup>& groups_;
  const MemberInputs& inputs_;
  MergedGraph& merged_;
  std::deque<Part> parts_;  // by piece; in place, as emitters refer to the facts beside them
};

}  // namespace braid
