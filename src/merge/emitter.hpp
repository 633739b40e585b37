#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/graph.hpp"
#include "ir/rewrite.hpp"
#include "merge/form.hpp"
#include "merge/repeated_constants.hpp"
#include "merge/share.hpp"
#include "merge/site.hpp"

namespace braid {

/// The merged model, or a subgraph of it, as it grows: the graph, its names, and each distinct
/// constant once. Constants stand in the outermost graph, from where subgraphs read them.
struct MergedGraph {
  explicit MergedGraph(MergedGraph* graph_around = nullptr)
      : parent(graph_around),
        names(parent != nullptr ? parent->names : own_names),
        node_names(parent != nullptr ? parent->node_names : own_node_names),
        contents(parent != nullptr ? parent->contents : own_contents),
        opset(parent != nullptr ? parent->opset : 0) {}

  MergedGraph(const MergedGraph&) = delete;
  MergedGraph& operator=(const MergedGraph&) = delete;

  /// The constant with this content, added under a name like `hint` if it is new.
  ValueId constant(Tensor tensor, const std::string& hint);
  ValueId stored(const std::vector<std::int64_t>& key, const std::string& hint,
                 const std::function<Tensor()>& make);

  /// RepeatedConstants::add() of the outermost graph.
  ValueId repeat(const std::vector<Tensor>& parts, const std::vector<std::int64_t>& numbers,
                 const std::string& hint);

  /// A value of the graph around, as this subgraph reads it.
  ValueId import(ValueId outer);
  bool is_imported(ValueId id) const { return graph.value(id).is_outer; }

  MergedGraph* parent;  ///< the graph around a subgraph
  NameSource own_names;
  NameSource own_node_names;
  ContentIndex own_contents;
  NameSource& names;  ///< of values
  NameSource& node_names;
  ContentIndex& contents;
  std::int64_t opset;
  Graph graph;
  /// Constants by what they hold: numbers of the contents, how they are stacked, and dims.
  std::map<std::vector<std::int64_t>, ValueId> constants;
  RepeatedConstants repeated;
  std::map<ValueId, ValueId> imported;
  std::vector<std::string> member_names;
};

/// Builds one group's part of the merged graph. Rules ask it for operands in the form they need;
/// it converts between forms, once per value and form, and it never stores a weight twice.
/// Value ids in arguments named `value` are those of the exemplar; all others are of the merged
/// graph.
class Emitter {
 public:
  Emitter(const GroupFacts& facts, MergedGraph& merged) : facts_(facts), merged_(merged) {}

  MergedGraph& merged() { return merged_; }
  int members() const { return facts_.members(); }
  std::int64_t opset() const { return facts_.opset; }

  // ---- operands ----

  /// The one tensor of a uniform value.
  ValueId uniform(ValueId value);

  /// A stacked value in a form other than separate.
  ValueId stacked(ValueId value, const Form& form);

  /// Like stacked(), as a value of logical rank `rank`: dims of 1 are put in front of the logical
  /// dims, where broadcasting wants them.
  ValueId padded(ValueId value, const Form& form, int rank);

  /// A uniform value that broadcasts against values of logical rank `rank` in `form`.
  ValueId uniform_beside(ValueId value, const Form& form, int rank);

  /// Whatever `value` is, as an operand beside stacked ones: padded() or uniform_beside().
  ValueId operand(ValueId value, const Form& form, int rank);

  /// A uniform value, copied for every member, in a form.
  ValueId expanded(ValueId value, const Form& form);

  /// A constant with one slice per block of consecutive members, as a value of logical rank `rank`:
  /// [k, 1..., dims...]. It must be constant on the blocks.
  ValueId blocks(ValueId value, int blocks, int rank);

  /// The distinct slices of a constant only, as values of logical rank `rank`.
  ValueId distinct(ValueId value, int rank);

  /// From one slice per distinct slice of the constant `value` to one per member.
  ValueId repeated(ValueId id, ValueId value);

  /// The slices of blocks() laid one after the other along `axis`.
  ValueId joined_blocks(ValueId value, int blocks, int axis);

  /// One tensor per member, in the order of the members.
  const std::vector<ValueId>& separate(ValueId value);

  /// The dims of one member's tensor at run time: int64[rank].
  ValueId logical_dims(ValueId value);

  // ---- results ----

  void define(ValueId value, const Form& form, ValueId id);
  void define_uniform(ValueId value, ValueId id);

  /// Like define(), and forgets what was defined before.
  void redefine(ValueId value, const Form& form, ValueId id);
  void define_separate(ValueId value, std::vector<ValueId> ids);

  // ---- nodes ----

  /// A copy of the site's node with other inputs; returns its outputs.
  std::vector<ValueId> copy(const Site& site, std::vector<ValueId> inputs);
  std::vector<ValueId> copy(const Site& site, std::vector<ValueId> inputs, Attributes attributes);

  /// copy() whose outputs define all outputs of the site in `form`.
  void copy_as(const Site& site, const Form& form, std::vector<ValueId> inputs);
  void copy_as(const Site& site, const Form& form, std::vector<ValueId> inputs,
               Attributes attributes);

  /// A copy of the site's node that has one output per member in the place of each that is stacked
  /// by `kinds`, and one for all in the place of the others. They define the site's as separate.
  void copy_apart(const Site& site, std::vector<ValueId> inputs, Attributes attributes,
                  const std::vector<Kind>& kinds);

  /// Runs the site's node once per member.
  void copy_per_member(const Site& site);

  /// Runs the site's node once; all its inputs are uniform.
  void copy_once(const Site& site);

  /// A node with one output, named after the site that is being emitted.
  ValueId add(const std::string& op_type, std::vector<ValueId> inputs, Attributes attributes = {});

  ValueId ints(const std::vector<std::int64_t>& values);
  ValueId constant(Tensor tensor, const std::string& hint) {
    return merged_.constant(std::move(tensor), hint);
  }

  ValueId reshape(ValueId id, const std::vector<std::int64_t>& target);
  ValueId transpose(ValueId id, const std::vector<std::int64_t>& perm);
  ValueId unsqueeze(ValueId id, const std::vector<std::int64_t>& axes);
  ValueId squeeze(ValueId id, const std::vector<std::int64_t>& axes);
  ValueId concat(std::vector<ValueId> ids, std::int64_t axis);
  ValueId gather(ValueId id, ValueId indices, std::int64_t axis);
  std::vector<ValueId> split(ValueId id, std::int64_t axis);  ///< into one part per member

  /// Names further nodes and values after this.
  void set_hint(std::string hint) { hint_ = std::move(hint); }

 private:
  /// What exists in the merged graph of one value of the exemplar.
  struct State {
    ValueId uniform = kAbsent;
    std::map<Form, ValueId> forms;
    std::map<std::pair<Form, int>, ValueId> padded;
    std::vector<ValueId> separate;
    ValueId dims = kAbsent;
  };

  State& state(ValueId value) { return states_[value]; }
  const Shape& logical(ValueId value) const;
  bool is_constant(ValueId value) const { return facts_.graph().value(value).is_constant(); }

  Tensor slice(ValueId value, int place) const;
  ValueId stored_concatenation(ValueId value, const std::vector<int>& places,
                               const std::vector<std::int64_t>& dims, int axis);
  ValueId join_places(ValueId value, const std::vector<int>& places,
                      const std::vector<std::int64_t>& dims);
  ValueId stack_places(ValueId value, const std::vector<int>& places,
                       const std::vector<std::int64_t>& dims);
  ValueId stacked_constant(ValueId value, const Form& form, int rank);
  ValueId padded_blocks(ValueId value, int blocks, int rank);

  ValueId convert(ValueId value, const Form& form);
  ValueId change_form(ValueId id, const Form& from, const Form& to, const Shape& shape,
                      ValueId value);
  ValueId reshape_to(ValueId id, std::vector<FormDim> from, std::vector<FormDim> to,
                     const Shape& shape, ValueId value);
  ValueId runtime_target(const std::vector<FormDim>& to, const Shape& shape, ValueId value);
  void stack_separate(ValueId value, const Form& wanted);
  std::vector<ValueId> unstack(ValueId value);

  Node new_node(const Site& site, const Node& original);
  ValueId new_output(ValueId value);

  const GroupFacts& facts_;
  MergedGraph& merged_;
  std::unordered_map<ValueId, State> states_;
  std::string hint_ = "merged";
};

}  // namespace braid
