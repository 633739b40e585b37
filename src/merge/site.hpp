#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "braid/merge.hpp"
#include "merge/costs.hpp"
#include "merge/form.hpp"
#include "merge/share.hpp"

namespace braid {

class Emitter;
struct SubgraphGroup;

/// By node and attribute; null where the members' subgraphs do not correspond.
using SubgraphGroups =
    std::map<std::pair<std::size_t, std::string>, std::shared_ptr<const SubgraphGroup>>;

/// How a value of the exemplar stands for all members.
enum class Kind {
  Absent,
  Uniform,  ///< U: one and the same for all members
  Stacked,  ///< S: one slice per member
};

/// What is known of a group before anything is emitted: kinds, share classes, member order.
struct GroupFacts {
  const AlignedGroup* group = nullptr;
  const MergeOptions* options = nullptr;
  ContentIndex* contents = nullptr;
  std::int64_t opset = 0;
  std::vector<ShareClasses> classes;  ///< by value of the exemplar
  std::vector<Kind> kinds;            ///< by value of the exemplar
  /// By value of the exemplar: its sizes may differ between the members (what NonZero yields, say),
  /// so it cannot be stacked.
  std::vector<bool> is_ragged;
  std::vector<std::size_t> order;   ///< member at each place of the member axis
  std::vector<int> block_counts;    ///< k of the folded(k) worth considering, 1 and M included
  std::map<ValueId, Form> entries;  ///< forms of stacked inputs of the graph; separate if not named
  Form exit;                        ///< form of stacked outputs of the graph
  std::shared_ptr<SubgraphGroups> subgraphs;  ///< those that were asked for, of nodes of the group

  int members() const { return static_cast<int>(group->size()); }
  const Graph& graph() const { return group->exemplar(); }
  Kind kind(ValueId id) const {
    return id == kAbsent ? Kind::Absent : kinds[static_cast<std::size_t>(id)];
  }

  Form entry(ValueId id) const {
    const auto found = entries.find(id);
    return found == entries.end() ? Form::separate() : found->second;
  }

  /// k if the share classes of a constant are k blocks of consecutive places, all of one size
  /// (1 if all members share it, M if no two do); else 0.
  int aligned_blocks(ValueId id) const;

  /// True for types that ONNX's Concat, Gather and Expand take, and for constants of other types
  /// that can be stored one after the other along their first axis: no two are equal, and each
  /// fills whole bytes.
  bool can_be_joined(ValueId id) const;

  /// True if each of k blocks of consecutive places lies within one share class.
  bool is_constant_on_blocks(ValueId id, int blocks) const;
};

/// True for the types that ONNX's Concat, Gather and Expand do not take.
bool is_inseparable(DType dtype);

/// One operator position of a group, as rules see it.
class Site {
 public:
  Site(const GroupFacts& facts, std::size_t node) : facts_(&facts), node_(node) {}

  const Node& node() const { return facts_->graph().nodes[node_]; }
  std::size_t node_index() const { return node_; }
  const GroupFacts& facts() const { return *facts_; }
  int members() const { return facts_->members(); }
  std::int64_t opset() const { return facts_->opset; }

  Costs costs() const { return costs_of(facts_->options->target); }

  std::size_t input_count() const { return node().inputs.size(); }
  ValueId input(std::size_t i) const { return node().input(i); }
  ValueId output(std::size_t i = 0) const { return node().output(i); }

  Kind kind(std::size_t i) const;
  bool is_absent(std::size_t i) const { return kind(i) == Kind::Absent; }
  bool is_uniform(std::size_t i) const { return kind(i) == Kind::Uniform; }
  bool is_stacked(std::size_t i) const { return kind(i) == Kind::Stacked; }
  bool is_constant(std::size_t i) const;

  /// True if all inputs from `first` on are uniform or absent.
  bool are_uniform_from(std::size_t first) const;

  /// Logical shape, that of one member; null if the rank is not known.
  const Shape* shape(std::size_t i) const;
  const Shape* output_shape(std::size_t i = 0) const;

  /// -1 if not known.
  int rank(std::size_t i) const;
  int output_rank(std::size_t i = 0) const;

  /// The integers of a constant input that is the same for all members.
  std::optional<std::vector<std::int64_t>> ints(std::size_t i) const;

  /// Forms that a value of logical rank `rank` can take, best for most first; not separate.
  std::vector<Form> forms(int rank) const;

  /// Bytes of one member's value; symbolic dims count as a nominal size.
  double bytes(ValueId id) const;

 private:
  const GroupFacts* facts_;
  std::size_t node_;
};

/// One way to run an operator for all members.
struct Candidate {
  /// "stitched", "fused", "mixed" or "stacked" (no weights), "per member".
  std::string rule;
  /// The form in which each stacked activation is read; inputs beyond the end, uniform inputs and
  /// constants do not matter.
  std::vector<Form> inputs;
  Form output;      ///< of every stacked output
  double cost = 0;  ///< in bytes moved, beside each distinct weight and each value once
  std::function<void(Emitter&)> emit;
};

/// What a rule offers for one position: the candidates that are right there, in any order. An
/// empty list means that it does not apply. Never called when all inputs are uniform.
using Rule = std::vector<Candidate> (*)(const Site& site);

/// The rule of an operator, null if it has none. rules/table.cpp lists them.
Rule find_rule(const Node& node);

}  // namespace braid
