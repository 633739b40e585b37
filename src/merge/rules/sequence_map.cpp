// SequenceMap runs once for all members where their sequences have the same length, and elements of
// the same sizes. Its subgraph is merged as a model is (Body). Sequences have no stacked form, so
// it reads an element per member where they differ, and yields one per member:
//
//   sequence U, tensor S          -> sequence, tensor [M, d...] -> M sequences
//   M sequences S, tensor U or S  -> M sequences, tensor        -> M sequences
//
// What the subgraph yields for all members alike is one sequence.

#include "merge/body.hpp"
#include "merge/rules/rules.hpp"

namespace braid {
namespace {

bool is_sequence(const Site& site, std::size_t i) {
  return site.facts().graph().value(site.input(i)).type.kind == Type::Kind::Sequence;
}

// A tensor in front must be typed in the subgraph as it is around it.
bool fits(const Site& site, const Body& body, std::size_t i) {
  if (site.is_uniform(i) || is_sequence(site, i)) return true;
  return site.rank(i) >= 0 && rank_of(body.graph(), body.graph().inputs[i]) == site.rank(i);
}

void emit(Emitter& emitter, const Site& site, Body& body) {
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.is_uniform(i)) {
      inputs.push_back(emitter.uniform(site.input(i)));
    } else if (is_sequence(site, i)) {
      const std::vector<ValueId>& parts = emitter.separate(site.input(i));
      inputs.insert(inputs.end(), parts.begin(), parts.end());
    } else {
      inputs.push_back(emitter.stacked(site.input(i), Form::front()));
    }
  }
  std::vector<Kind> kinds;
  for (std::size_t i = 0; i < body.graph().outputs.size(); ++i)
    kinds.push_back(body.output_kind(i));
  Attributes attributes = site.node().attributes;
  attributes.set("body", body.emit(emitter, kinds));
  emitter.copy_apart(site, std::move(inputs), std::move(attributes), kinds);
}

}  // namespace

std::vector<Candidate> sequence_map_rule(const Site& site) {
  const std::shared_ptr<Body> body = Body::find(site, "body");
  if (!body || body->input_count() != site.input_count()) return {};
  if (body->graph().outputs.size() != site.node().outputs.size()) return {};
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.is_absent(i) || !fits(site, *body, i)) return {};
    body->set_input_kind(i, site.kind(i));
    if (is_sequence(site, i)) body->separate_input(i);
  }
  body->separate_outputs();
  if (!body->find_kinds()) return {};
  Candidate candidate = in_form(site, "stacked", Form::separate(),
                                [=](Emitter& emitter) { emit(emitter, site, *body); });
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (!is_sequence(site, i)) candidate.inputs[i] = Form::front();
  }
  return {std::move(candidate)};
}

}  // namespace braid
