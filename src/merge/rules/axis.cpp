// Operators along one axis: it moves with the member axis and must not be one that members are
// folded into. An attribute names it (Softmax, LogSoftmax, Hardmax, ArgMax, ArgMin, TopK) or an
// input (CumSum, CumProd).
//
// Before opset 13, Softmax and its kin work on everything from the axis on, so that none of those
// axes may be folded, nor have the member axis among them.
//
// OneHot puts an axis in among those of the indices, as Unsqueeze does: it is counted in the output
// and must not change the place of the member axis.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

bool is_arg_extremum(const Site& site) {
  return site.node().op_type.starts_with("Arg");
}

bool is_flattening_softmax(const Site& site) {
  return site.opset() < 13 && !is_arg_extremum(site) && !site.node().is("TopK");
}

bool is_free_from(const Form& form, int axis, int rank, int members) {
  if (form == Form::second() && axis == 0) return false;
  for (int i = axis; i < rank; ++i) {
    if (!form.is_free(i, members)) return false;
  }
  return true;
}

bool allows(const Site& site, const Form& form, int axis) {
  if (is_flattening_softmax(site)) {
    return is_free_from(form, axis, site.rank(0), site.members());
  }
  const bool removes_axis =
      is_arg_extremum(site) && site.node().attributes.get_int("keepdims", 1) == 0;
  return form.is_free(axis, site.members()) && (!removes_axis || form.is_removable(axis));
}

// The members lie in `form`, and the attribute "axis" says where `axis` is in it.
Candidate along_axis(const Site& site, const Form& form, int axis) {
  return in_form(site, "stacked", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
    append_uniform(emitter, site, 1, inputs);
    const auto physical = static_cast<std::int64_t>(form.physical(axis));
    emitter.copy_as(site, form, std::move(inputs), with(site.node().attributes, "axis", physical));
  });
}

}  // namespace

std::vector<Candidate> axis_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank <= 0 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const std::int64_t fallback = is_arg_extremum(site) ? 0 : is_flattening_softmax(site) ? 1 : -1;
  const int axis = from_front(site.node().attributes.get_int("axis", fallback), rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!allows(site, form, axis)) continue;
    candidates.push_back(along_axis(site, form, axis));
  }
  return candidates;
}

std::vector<Candidate> cumulative_rule(const Site& site) {
  const int rank = site.rank(0);
  const auto given = site.ints(1);
  if (rank <= 0 || !site.is_stacked(0) || !given || given->size() != 1) return {};
  const int axis = from_front(given->front(), rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      const ValueId place = emitter.constant(Tensor::of<std::int64_t>({}, {physical}), "axis");
      emitter.copy_as(site, form, {emitter.stacked(site.input(0), form), place});
    }));
  }
  return candidates;
}

std::vector<Candidate> one_hot_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 0 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", -1), rank + 1);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (form.is_removable(axis)) candidates.push_back(along_axis(site, form, axis));
  }
  return candidates;
}

}  // namespace braid
