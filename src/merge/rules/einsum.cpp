// Einsum gets one more letter for the member axis, on the stacked operands (in front) and on the
// output: "ibh,hnd->ibnd" becomes "mibh,hnd->mibnd" with uniform weights (stitched) and
// "mibh,mhnd->mibnd" with stacked ones (fused). Weights in k blocks: the members of a block lie in
// the first letter, if only the data and the output have it (mixed).
//
// Not for equations with "...": there a letter in front may meet broadcast dims.

#include <algorithm>

#include "ir/einsum_equation.hpp"
#include "merge/rules/rules.hpp"

namespace braid {
namespace {

std::optional<char> free_letter(const EinsumEquation& equation) {
  std::string used = equation.output;
  for (const std::string& letters : equation.inputs)
    used += letters;
  for (const char letter : std::string("mzyxwvutsrqponlkjihgfedcbaMZYXWVUTSRQPONLKJIHGFEDCBA")) {
    if (used.find(letter) == std::string::npos) return letter;
  }
  return std::nullopt;
}

std::string with_letter(const Site& site, const EinsumEquation& equation, char letter) {
  std::string text;
  for (std::size_t i = 0; i < equation.inputs.size(); ++i) {
    text += (i > 0 ? "," : "") +
            (site.is_stacked(i) ? letter + equation.inputs[i] : equation.inputs[i]);
  }
  return text + "->" + letter + equation.output;
}

// The operand that holds weights in k blocks, when the other's first letter can take the block's
// members; -1 if there is none.
int blocked_operand(const Site& site, const EinsumEquation& equation) {
  if (site.input_count() != 2 || !site.is_stacked(0) || !site.is_stacked(1)) return -1;
  for (int weight = 0; weight < 2; ++weight) {
    const auto w = static_cast<std::size_t>(weight);
    if (!site.is_constant(w) || site.is_constant(1 - w)) continue;
    const int blocks = site.facts().aligned_blocks(site.input(w));
    if (blocks <= 1 || blocks >= site.members()) continue;
    const std::string& data = equation.inputs[1 - w];
    if (data.empty() || equation.output.empty() || data[0] != equation.output[0]) continue;
    if (equation.inputs[w].find(data[0]) != std::string::npos) continue;
    if (std::count(data.begin(), data.end(), data[0]) == 1) return weight;
  }
  return -1;
}

Candidate in_blocks(const Site& site, const std::string& equation, std::size_t weight) {
  return in_form(site, "mixed", Form::front(), [=](Emitter& emitter) {
    const int blocks = site.facts().aligned_blocks(site.input(weight));
    const std::size_t data = 1 - weight;
    std::vector<std::int64_t> target(static_cast<std::size_t>(site.rank(data)) + 1, 0);
    target[0] = blocks;
    target[1] = -1;
    std::vector<ValueId> inputs(2);
    inputs[data] = emitter.reshape(emitter.stacked(site.input(data), Form::front()), target);
    inputs[weight] = emitter.blocks(site.input(weight), blocks, site.rank(weight));
    const ValueId y = emitter.copy(site, std::move(inputs),
                                   with(site.node().attributes, "equation", equation))[0];
    target.assign(static_cast<std::size_t>(site.output_rank()) + 1, 0);
    target[0] = emitter.members();
    target[1] = -1;
    emitter.define(site.output(), Form::front(), emitter.reshape(y, target));
  });
}

}  // namespace

std::vector<Candidate> einsum_rule(const Site& site) {
  const auto equation =
      parse_einsum_equation(site.node().attributes.get_string("equation", ""), site.input_count());
  if (!equation) return {};
  const auto letter = free_letter(*equation);
  if (!letter) return {};
  bool has_weight = false;
  bool is_shared = true;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.rank(i) < 0) return {};
    has_weight = has_weight || site.is_constant(i);
    is_shared = is_shared && !(site.is_constant(i) && site.is_stacked(i));
  }
  const std::string rule = !has_weight ? "stacked" : is_shared ? "stitched" : "fused";
  const std::string merged = with_letter(site, *equation, *letter);
  std::vector<Candidate> candidates;
  candidates.push_back(in_form(site, rule, Form::front(), [=](Emitter& emitter) {
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < site.input_count(); ++i) {
      inputs.push_back(site.is_stacked(i) ? emitter.stacked(site.input(i), Form::front())
                                          : emitter.uniform(site.input(i)));
    }
    emitter.copy_as(site, Form::front(), std::move(inputs),
                    with(site.node().attributes, "equation", merged));
  }));
  const int weight = blocked_operand(site, *equation);
  if (weight >= 0 && site.output_rank() >= 1) {
    candidates[0].cost =
        site.costs().launch +
        2.0 * site.members() * site.bytes(site.input(static_cast<std::size_t>(weight)));
    candidates.push_back(in_blocks(site, merged, static_cast<std::size_t>(weight)));
  }
  return candidates;
}

}  // namespace braid
