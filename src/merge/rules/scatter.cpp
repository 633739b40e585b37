// ScatterElements, and Scatter as it was called before: the axis moves behind the member axis.
//
// ScatterND has no batch_dims, so the member's number goes in front of each index tuple:
//
//   data [M, D...]   indices [M, I..., q] => [M, I..., 1+q]   updates [M, ...]
//
// Negative indices stay what they are, which adding offsets would break. All operands need the
// member axis; uniform ones are expanded.

#include <numeric>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

// The number of each member, once per index tuple: [M, I..., 1].
ValueId member_numbers(Emitter& emitter, const Site& site) {
  const int rank = site.rank(1);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(emitter.members()));
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<std::int64_t> dims(static_cast<std::size_t>(rank) + 1, 1);
  dims[0] = emitter.members();
  const ValueId column = emitter.constant(Tensor::of<std::int64_t>(dims, numbers), "members");
  if (rank == 1) return column;
  std::vector<std::int64_t> places(static_cast<std::size_t>(rank) - 1);
  std::iota(places.begin(), places.end(), 0);
  const ValueId tuples =
      emitter.gather(emitter.logical_dims(site.input(1)), emitter.ints(places), 0);
  const ValueId target =
      emitter.concat({emitter.ints({emitter.members()}), tuples, emitter.ints({1})}, 0);
  return emitter.add("Expand", {column, target});
}

}  // namespace

std::vector<Candidate> scatter_elements_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || site.rank(1) != rank || site.rank(2) != rank) return {};
  const std::int64_t axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  const Form form = Form::front();
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs;
    for (const ValueId id : site.node().inputs)
      inputs.push_back(emitter.stacked(id, form));
    emitter.copy_as(site, form, std::move(inputs), with(site.node().attributes, "axis", axis + 1));
  });
  candidate.cost = expansion_cost(site);
  return {candidate};
}

std::vector<Candidate> scatter_nd_rule(const Site& site) {
  if (site.rank(0) < 1 || site.rank(1) < 1 || site.rank(2) < 0) return {};
  const Form form = Form::front();
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    const ValueId indices = emitter.stacked(site.input(1), form);
    const ValueId tuples = emitter.concat({member_numbers(emitter, site), indices}, site.rank(1));
    emitter.copy_as(
        site, form,
        {emitter.stacked(site.input(0), form), tuples, emitter.stacked(site.input(2), form)});
  });
  candidate.cost = expansion_cost(site) + site.costs().launch;
  return {candidate};
}

}  // namespace braid
