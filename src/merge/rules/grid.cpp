// GridSample samples each image of X at the places of its own grid, all channels alike:
//
//   X and grid stacked    X [M*N, C, ...]   grid [M*N, ...]
//   only X stacked        X [N, M*C, ...]   grid as it is
//
// AffineGrid makes such grids, with the members in the batch of theta and in that of size.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

Candidate with_uniform_grid(const Site& site) {
  const Form form = Form::folded(site.members());
  return in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.uniform(site.input(1))});
  });
}

}  // namespace

std::vector<Candidate> grid_sample_rule(const Site& site) {
  if (site.rank(0) < 3 || site.rank(1) != site.rank(0)) return {};
  if (site.is_uniform(1)) return {with_uniform_grid(site)};
  const Form form = Form::folded(1);
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.stacked(site.input(1), form)});
  });
  candidate.cost = expansion_cost(site);
  return {candidate};
}

std::vector<Candidate> affine_grid_rule(const Site& site) {
  const int rank = site.output_rank();
  if (site.rank(0) != 3 || rank < 1 || !site.is_stacked(0) || !site.is_uniform(1)) return {};
  const Form form = Form::folded(1);
  return {in_form(site, "stacked", form, [=](Emitter& emitter) {
    ValueId size = kAbsent;
    if (auto sizes = site.ints(1)) {
      sizes->front() *= emitter.members();
      size = emitter.ints(*sizes);
    } else {
      std::vector<std::int64_t> factors(static_cast<std::size_t>(rank), 1);
      factors[0] = emitter.members();
      size = emitter.add("Mul", {emitter.uniform(site.input(1)), emitter.ints(factors)});
    }
    emitter.copy_as(site, form, {emitter.stacked(site.input(0), form), size});
  })};
}

}  // namespace braid
