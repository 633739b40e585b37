// Operators of ai.onnx.ml that treat each row of [N, F] alone. Their parameters are attributes,
// equal in all members that align: the rows of all members are those of one batch, in folded(1).
//
// Not for vectors, which some of these operators take for one row.

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> rows_rule(const Site& site) {
  const Form form = Form::folded(1);
  const bool is_extractor = site.node().is("ArrayFeatureExtractor");
  const std::size_t tables = is_extractor ? 1 : site.input_count();
  for (std::size_t i = 0; i < tables; ++i) {
    if (site.rank(i) != 2) return {};
  }
  if (is_extractor && !site.is_uniform(1)) return {};
  for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
    if (site.output(i) != kAbsent && site.output_rank(i) < 1) return {};
  }
  return {in_form(site, "stitched", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < tables; ++i)
      inputs.push_back(emitter.stacked(site.input(i), form));
    if (is_extractor) inputs.push_back(emitter.uniform(site.input(1)));
    emitter.copy_as(site, form, std::move(inputs));
  })};
}

}  // namespace braid
