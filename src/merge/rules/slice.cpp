// Slice: its axes move with the member axis and must not be folded into it. Before opset 10 they
// are attributes.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

// Starts, ends, axes and steps are all of one type.
ValueId axes_input(Emitter& emitter, const Site& site, const std::vector<std::int64_t>& axes) {
  const DType dtype = site.facts().graph().value(site.input(1)).type.dtype;
  if (dtype != DType::Int32) return emitter.ints(axes);
  const auto count = static_cast<std::int64_t>(axes.size());
  return emitter.constant(Tensor::of<std::int32_t>({count}, {axes.begin(), axes.end()}), "ints");
}

}  // namespace

std::vector<Candidate> slice_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const bool is_input = site.opset() >= 10;
  std::vector<std::int64_t> given;
  if (is_input) {
    const auto values = site.ints(3);
    if (!values) return {};
    given = *values;
  } else {
    given = site.node().attributes.get_ints("axes");
    const std::size_t count = site.node().attributes.get_ints("starts").size();
    for (std::size_t i = 0; given.size() < count; ++i)
      given.push_back(static_cast<std::int64_t>(i));
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    const bool fits = std::all_of(given.begin(), given.end(), [&](std::int64_t axis) {
      return form.is_free(from_front(axis, rank), site.members());
    });
    if (!fits) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<std::int64_t> axes;
      for (const std::int64_t axis : given)
        axes.push_back(form.physical(from_front(axis, rank)));
      const ValueId data = emitter.stacked(site.input(0), form);
      if (!is_input) {
        emitter.copy_as(site, form, {data}, with(site.node().attributes, "axes", axes));
        return;
      }
      std::vector<ValueId> inputs = {data, emitter.uniform(site.input(1)),
                                     emitter.uniform(site.input(2)),
                                     axes_input(emitter, site, axes)};
      if (!site.is_absent(4)) inputs.push_back(emitter.uniform(site.input(4)));
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

}  // namespace braid
