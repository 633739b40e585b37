#include "merge/form_costs.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "braid/error.hpp"
#include "ir/rewrite.hpp"
#include "merge/offer_candidates.hpp"

namespace braid {
namespace {

// Front and folded(1), second and folded(M) share their memory.
Form memory_of(const Form& form, int members) {
  if (form == Form::folded(1)) return Form::front();
  if (form == Form::folded(members)) return Form::second();
  return form;
}

// Shape and the like read the sizes of whatever form there is.
bool reads_forms(const Candidate& candidate) {
  return candidate.rule != "once";
}

}  // namespace

FormCosts::FormCosts(const GroupFacts& facts, const std::vector<Prescription>& planned)
    : facts_(facts), costs_(costs_of(facts.options->target)), producer_(producers(facts.graph())) {
  for (std::size_t n = 0; n < facts.graph().nodes.size(); ++n) {
    candidates_.push_back(offer_candidates(Site(facts, n)));
    if (!planned.empty() && !planned[n].rule.empty()) prescribe(n, planned[n]);
  }
  find_readers();
}

void FormCosts::find_readers() {
  const Graph& graph = facts_.graph();
  readers_.resize(graph.values.size());
  touched_.resize(graph.nodes.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (candidates_[n].empty()) continue;
    std::set<ValueId> touched;
    for (std::size_t i = 0; i < graph.nodes[n].inputs.size(); ++i) {
      const ValueId id = graph.nodes[n].inputs[i];
      if (facts_.kind(id) != Kind::Stacked || graph.value(id).is_constant()) continue;
      if (!reads_forms(candidates_[n][0])) continue;
      readers_[static_cast<std::size_t>(id)].push_back({n, i});
      touched.insert(id);
    }
    for (const ValueId id : graph.nodes[n].outputs) {
      if (facts_.kind(id) == Kind::Stacked) touched.insert(id);
    }
    touched_[n].assign(touched.begin(), touched.end());
  }
}

void FormCosts::prescribe(std::size_t n, const Prescription& planned) {
  const Node& node = facts_.graph().nodes[n];
  std::vector<Candidate>& candidates = candidates_[n];
  std::set<std::string> offered;
  for (const Candidate& candidate : candidates)
    offered.insert(candidate.rule);
  // A node that reads only what is the same for all members runs once, whatever the plan says.
  if (candidates.empty()) offered.insert("once");
  const bool is_per_member = planned.rule == "per member" && !candidates.empty();
  if (!is_per_member && !offered.contains(planned.rule)) {
    throw Error(ErrorKind::CannotMerge,
                fmt::format("the plan wants node '{}' ({}) to be '{}', but it can only be: {}",
                            node.name, node.op_type, planned.rule, fmt::join(offered, ", ")));
  }
  if (is_per_member) candidates = {per_member(Site(facts_, n))};
  std::erase_if(candidates, [&](const auto& candidate) { return candidate.rule != planned.rule; });
  const auto has_form = [&](const Candidate& candidate) {
    return to_string(candidate.output) == planned.form;
  };
  if (std::any_of(candidates.begin(), candidates.end(), has_form))
    std::erase_if(candidates, std::not_fn(has_form));
}

const Form& FormCosts::read_form(std::size_t n, std::size_t choice, std::size_t i) const {
  const Candidate& candidate = candidates_[n][choice];
  return i < candidate.inputs.size() ? candidate.inputs[i] : candidate.output;
}

Form FormCosts::produced_form(ValueId id, const Assignment& chosen) const {
  const int n = producer(id);
  if (n < 0) return facts_.entry(id);  // a graph input
  const auto at = static_cast<std::size_t>(n);
  return candidates_[at].empty() ? Form::separate() : candidates_[at][chosen[at]].output;
}

double FormCosts::conversion(ValueId id, const Form& from, const Form& to) const {
  if (from == to) return 0;
  const int members = facts_.members();
  const Form a = memory_of(from, members);
  const Form b = memory_of(to, members);
  if (a == b) return costs_.reshape;
  const double moved = costs_.launch + 2.0 * members * Site(facts_, 0).bytes(id);
  const Shape* shape = shape_of(facts_.graph(), id);
  const auto is_known = [&](std::size_t axis) {
    return shape != nullptr && axis < shape->size() && (*shape)[axis].is_known();
  };
  if (a == Form::separate()) {
    // Joined along an axis of known size, or along a new one, which each part gets first.
    const bool is_direct = is_known(0) || (b == Form::second() && is_known(1));
    return moved + costs_.reshape * (is_direct ? 1 : members);
  }
  if (b == Form::separate()) return moved + costs_.reshape;
  const bool is_batch_one = is_known(0) && (*shape)[0].size == 1;
  if (is_batch_one && !a.is_folded() && !b.is_folded()) return costs_.reshape;
  return moved + costs_.reshape;
}

double FormCosts::value_cost(ValueId id, const Assignment& chosen) const {
  std::set<Form> wanted;
  for (const Reader& reader : readers(id))
    wanted.insert(read_form(reader.node, chosen[reader.node], reader.input));
  if (facts_.graph().is_output(id)) wanted.insert(facts_.exit);
  std::vector<Form> existing = {produced_form(id, chosen)};
  wanted.erase(existing[0]);
  double cost = 0;
  for (const Form& form : wanted) {
    double least = conversion(id, existing[0], form);
    for (const Form& other : existing)
      least = std::min(least, conversion(id, other, form));
    cost += least;
    existing.push_back(form);
  }
  return cost;
}

double FormCosts::local_cost(std::initializer_list<std::size_t> nodes,
                             const Assignment& chosen) const {
  double cost = 0;
  std::vector<ValueId> counted;
  for (const std::size_t n : nodes) {
    if (candidates_[n].empty()) continue;
    cost += candidates_[n][chosen[n]].cost;
    for (const ValueId id : touched_[n]) {
      if (std::find(counted.begin(), counted.end(), id) != counted.end()) continue;
      counted.push_back(id);
      cost += value_cost(id, chosen);
    }
  }
  return cost;
}

double FormCosts::total(const Assignment& chosen) const {
  double cost = 0;
  for (std::size_t n = 0; n < size(); ++n) {
    if (!candidates_[n].empty()) cost += candidates_[n][chosen[n]].cost;
  }
  for (std::size_t v = 0; v < facts_.graph().values.size(); ++v) {
    const auto id = static_cast<ValueId>(v);
    const bool counts = facts_.kind(id) == Kind::Stacked && !facts_.graph().value(id).is_constant();
    if (counts) cost += value_cost(id, chosen);
  }
  return cost;
}

}  // namespace braid
