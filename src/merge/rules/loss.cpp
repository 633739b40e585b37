// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss: the members lie in the batch, so nothing
// may be reduced over it. What each member reduces is reduced behind:
//
//   Loss {reduction: none}  =>  loss [M*N, ...]
//   Loss {reduction: sum}   =>  Loss {none}, ReduceSum over all axes but the member's
//   Loss {reduction: mean}  =>  Loss {none}, ReduceMean likewise
//
// Not for means that weights or an ignored class make weighted ones.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

ValueId reduced(Emitter& emitter, const std::string& reduction, ValueId losses) {
  const bool is_mean = reduction == "mean";
  const ValueId rows = emitter.reshape(losses, {emitter.members(), -1});
  Attributes attributes;
  attributes.set("keepdims", std::int64_t{0});
  const std::string op = is_mean ? "ReduceMean" : "ReduceSum";
  if (emitter.opset() >= (is_mean ? 18 : 13)) {
    return emitter.add(op, {rows, emitter.ints({1})}, std::move(attributes));
  }
  attributes.set("axes", std::vector<std::int64_t>{1});
  return emitter.add(op, {rows}, std::move(attributes));
}

}  // namespace

std::vector<Candidate> loss_rule(const Site& site) {
  if (site.rank(0) < 2 || site.rank(1) < 1 || !site.are_uniform_from(2)) return {};
  const Attributes& attributes = site.node().attributes;
  const std::string reduction = attributes.get_string("reduction", "mean");
  const bool is_weighted = !site.is_absent(2) || attributes.has("ignore_index");
  if (reduction == "mean" && is_weighted) return {};
  const Form form = Form::folded(1);
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form),
                                   emitter.stacked(site.input(1), form)};
    append_uniform(emitter, site, 2, inputs);
    const std::vector<ValueId> outputs = emitter.copy(
        site, std::move(inputs), with(site.node().attributes, "reduction", std::string("none")));
    if (site.output(1) != kAbsent) emitter.define(site.output(1), form, outputs[1]);
    if (reduction == "none") {
      emitter.define(site.output(), form, outputs[0]);
    } else {
      emitter.define(site.output(), Form::front(), reduced(emitter, reduction, outputs[0]));
    }
  });
  if (reduction != "none") {
    candidate.output = Form::front();
    candidate.cost = site.costs().launch;
  }
  candidate.cost += expansion_cost(site);
  return {candidate};
}

}  // namespace braid
