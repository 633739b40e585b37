// ReverseSequence wants time and batch in its first two axes. The members lie in the batch:
//
//   batch_axis 0: X [M*B, T, ...]     batch_axis 1: X [T, M*B, ...]     sequence_lens [M*B]

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> reverse_sequence_rule(const Site& site) {
  if (site.rank(0) < 2 || site.rank(1) != 1) return {};
  const bool is_batch_first = site.node().attributes.get_int("batch_axis", 1) == 0;
  const Form form = is_batch_first ? Form::folded(1) : Form::folded(site.members());
  const Form lengths = Form::folded(1);
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(
        site, form,
        {emitter.stacked(site.input(0), form), emitter.stacked(site.input(1), lengths)});
  });
  candidate.inputs[1] = lengths;
  candidate.cost = expansion_cost(site);
  return {candidate};
}

}  // namespace braid
