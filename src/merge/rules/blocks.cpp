#include "merge/rules/blocks.hpp"

namespace braid {
namespace {

// Computed tensors of all members one after the other along the axis.
Form computed_form(const Site& site, int axis) {
  return Form::folded(axis == 0 ? 1 : site.members());
}

}  // namespace

std::string blocks_rule(const Site& site, int blocks) {
  return blocks == 1 ? "stitched" : blocks == site.members() ? "fused" : "mixed";
}

bool is_joinable(const Site& site, std::size_t input, int blocks) {
  if (site.is_absent(input)) return true;
  if (site.is_constant(input)) return site.facts().is_constant_on_blocks(site.input(input), blocks);
  if (site.is_uniform(input)) return true;
  return blocks == site.members() && site.rank(input) >= 0;
}

bool is_single(const Site& site, std::size_t input) {
  const Shape* shape = site.shape(input);
  if (shape == nullptr) return false;
  return shape->empty() || (shape->size() == 1 && (*shape)[0].size == 1);
}

void read_joined(const Site& site, std::size_t input, int axis, Candidate& candidate) {
  candidate.inputs[input] = computed_form(site, axis);
  if (site.is_absent(input) || !site.is_constant(input)) return;
  const int blocks = candidate.output.blocks;
  const int distinct = site.facts().classes[static_cast<std::size_t>(site.input(input))].count;
  if (blocks <= distinct) return;
  // Blocks with equal parameters repeat them: bytes that a smaller k does not move.
  candidate.cost += site.costs().reshape + 2.0 * blocks * site.bytes(site.input(input));
}

ValueId joined(Emitter& emitter, const Site& site, std::size_t input, int blocks, int axis) {
  const ValueId value = site.input(input);
  if (site.is_absent(input)) return kAbsent;
  if (site.is_constant(input)) return emitter.joined_blocks(value, blocks, axis);
  if (site.is_stacked(input)) return emitter.stacked(value, computed_form(site, axis));
  const ValueId one = emitter.uniform(value);
  if (blocks == 1) return one;
  return emitter.concat(std::vector<ValueId>(static_cast<std::size_t>(blocks), one), axis);
}

}  // namespace braid
