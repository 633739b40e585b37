// Pad: no padding of the member axis, and none of axes that members are folded into. Pads are an
// attribute before opset 11, and name their axes from opset 18 on. Pads that are computed are taken
// apart: in front, [0, before..., 0, behind...], or the axes move.

#include "merge/rules/rules.hpp"

namespace braid {

namespace {

// Amounts before and behind each logical axis.
struct Padding {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> behind;
};

std::optional<Padding> padding_of(const Site& site, int rank) {
  const auto pads = site.opset() >= 11 ? site.ints(1) : site.node().attributes.get_ints("pads");
  if (!pads || pads->size() % 2 != 0) return std::nullopt;
  std::vector<std::int64_t> axes;
  if (!site.is_absent(3)) {
    const auto given = site.ints(3);
    if (!given) return std::nullopt;
    axes = *given;
  } else {
    for (int i = 0; i < rank; ++i)
      axes.push_back(i);
  }
  const std::size_t count = axes.size();
  if (pads->size() != 2 * count) return std::nullopt;
  Padding padding{std::vector<std::int64_t>(static_cast<std::size_t>(rank), 0),
                  std::vector<std::int64_t>(static_cast<std::size_t>(rank), 0)};
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis = static_cast<std::size_t>(from_front(axes[i], rank));
    padding.before[axis] = (*pads)[i];
    padding.behind[axis] = (*pads)[count + i];
  }
  return padding;
}

std::vector<std::int64_t> physical_pads(const Padding& padding, const Form& form, int members) {
  const int rank = static_cast<int>(padding.before.size());
  const std::size_t physical_rank = form_dims(form, rank, members).size();
  std::vector<std::int64_t> pads(2 * physical_rank, 0);
  for (int axis = 0; axis < rank; ++axis) {
    const auto to = static_cast<std::size_t>(form.physical(axis));
    pads[to] = padding.before[static_cast<std::size_t>(axis)];
    pads[physical_rank + to] = padding.behind[static_cast<std::size_t>(axis)];
  }
  return pads;
}

// No value stands for 0 in newer opsets.
ValueId fill_value(Emitter& emitter, const Site& site) {
  return site.is_absent(2) ? kAbsent : emitter.uniform(site.input(2));
}

ValueId pads_in_front(Emitter& emitter, const Site& site) {
  const std::int64_t rank = site.rank(0);
  const ValueId table = emitter.concat({emitter.uniform(site.input(1)), emitter.ints({0})}, 0);
  std::vector<std::int64_t> places = {2 * rank};
  for (std::int64_t i = 0; i < rank; ++i)
    places.push_back(i);
  places.push_back(2 * rank);
  for (std::int64_t i = rank; i < 2 * rank; ++i)
    places.push_back(i);
  return emitter.gather(table, emitter.ints(places), 0);
}

// Pads that are known only when the model runs.
std::vector<Candidate> with_computed_pads(const Site& site) {
  if (site.opset() < 11) return {};
  const auto axes = site.ints(3);
  if (!axes && !site.is_absent(3)) return {};
  const Form form = Form::front();
  return {in_form(site, "stacked", form, [=](Emitter& emitter) {
    const ValueId data = emitter.stacked(site.input(0), form);
    const ValueId value = fill_value(emitter, site);
    if (!axes) {
      emitter.copy_as(site, form, {data, pads_in_front(emitter, site), value});
      return;
    }
    std::vector<std::int64_t> physical;
    for (const std::int64_t axis : *axes)
      physical.push_back(form.physical(from_front(axis, site.rank(0))));
    emitter.copy_as(site, form,
                    {data, emitter.uniform(site.input(1)), value, emitter.ints(physical)});
  })};
}

}  // namespace

std::vector<Candidate> pad_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const auto padding = padding_of(site, rank);
  if (!padding) return with_computed_pads(site);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    bool fits = true;
    for (int axis = 0; axis < rank; ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      const bool is_padded = padding->before[i] != 0 || padding->behind[i] != 0;
      fits = fits && (!is_padded || form.is_free(axis, site.members()));
    }
    if (!fits) continue;
    const std::vector<std::int64_t> pads = physical_pads(*padding, form, site.members());
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      const ValueId data = emitter.stacked(site.input(0), form);
      if (site.opset() < 11) {
        emitter.copy_as(site, form, {data}, with(site.node().attributes, "pads", pads));
        return;
      }
      emitter.copy_as(site, form, {data, emitter.ints(pads), fill_value(emitter, site)});
    }));
  }
  return candidates;
}

}  // namespace braid
