// Expand and Tile in front: the target gets a 1 for the member axis, and the data the rank of the
// output, with 1s behind the member axis. What is uniform is expanded once for all members and
// never comes here.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

// The uniform int64 vector in input `i` with `values` before it.
ValueId with_front(Emitter& emitter, const Site& site, std::size_t i,
                   std::vector<std::int64_t> values) {
  if (const auto given = site.ints(i)) {
    values.insert(values.end(), given->begin(), given->end());
    return emitter.ints(values);
  }
  return emitter.concat({emitter.ints(values), emitter.uniform(site.input(i))}, 0);
}

}  // namespace

std::vector<Candidate> expand_rule(const Site& site) {
  const int rank = site.output_rank();
  const Shape* target = site.shape(1);
  if (rank < 0 || site.rank(0) < 0 || !site.is_stacked(0) || !site.is_uniform(1)) return {};
  if (target == nullptr || target->size() != 1 || !(*target)[0].is_known()) return {};
  const std::int64_t missing = rank - (*target)[0].size;
  if (missing < 0) return {};
  const Form form = Form::front();
  return {in_form(site, "stacked", form, [=](Emitter& emitter) {
    const std::vector<std::int64_t> ones(static_cast<std::size_t>(missing) + 1, 1);
    emitter.copy_as(
        site, form,
        {emitter.padded(site.input(0), form, rank), with_front(emitter, site, 1, ones)});
  })};
}

std::vector<Candidate> tile_rule(const Site& site) {
  if (site.opset() < 6 || site.rank(0) < 0) return {};
  if (!site.is_stacked(0) || !site.is_uniform(1)) return {};
  const Form form = Form::front();
  return {in_form(site, "stacked", form, [=](Emitter& emitter) {
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), with_front(emitter, site, 1, {1})});
  })};
}

}  // namespace braid
