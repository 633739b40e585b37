#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/graph.hpp"
#include "merge/form.hpp"
#include "merge/merged_graph.hpp"
#include "merge/node_builder.hpp"
#include "merge/site.hpp"

namespace braid {

/// Builds one group's part of the merged graph. Rules ask it for operands in the form they need;
/// it converts between forms, once per value and form, and it never stores a weight twice.
/// Value ids in arguments named `value` are those of the exemplar; all others are of the merged
/// graph.
class Emitter : public NodeBuilder {
 public:
  Emitter(const GroupFacts& facts, MergedGraph& merged)
      : NodeBuilder(merged, "merged"), facts_(facts) {}

  int members() const { return facts_.members(); }

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
  std::unordered_map<ValueId, State> states_;
};

}  // namespace braid
