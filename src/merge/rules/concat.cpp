// Concat, Split, Slice, Pad, Trilu: they work along axes of their own, which move with the member
// axis and must not be folded into it. Uniform inputs of Concat are expanded: the one case that
// forces it.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {

std::vector<Candidate> concat_rule(const Site& site) {
  const int rank = site.output_rank();
  if (rank < 1) return {};
  double expanded = 0;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.rank(i) != rank) return {};
    if (site.is_uniform(i)) expanded += kLaunch + site.members() * site.bytes(site.input(i));
  }
  const int axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs;
      for (const ValueId id : site.node().inputs) inputs.push_back(emitter.stacked(id, form));
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      emitter.copy_as(site, form, std::move(inputs),
                      with(site.node().attributes, "axis", physical));
    }));
    candidates.back().cost = expanded;
  }
  return candidates;
}

std::vector<Candidate> split_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", 0), rank);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!form.is_free(axis, site.members())) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
      if (!site.is_absent(1)) inputs.push_back(emitter.uniform(site.input(1)));
      const auto physical = static_cast<std::int64_t>(form.physical(axis));
      emitter.copy_as(site, form, std::move(inputs),
                      with(site.node().attributes, "axis", physical));
    }));
  }
  return candidates;
}

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
    for (std::size_t i = 0; given.size() < count; ++i) given.push_back(static_cast<std::int64_t>(i));
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    const bool fits = std::all_of(given.begin(), given.end(), [&](std::int64_t axis) {
      return form.is_free(from_front(axis, rank), site.members());
    });
    if (!fits) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<std::int64_t> axes;
      for (const std::int64_t axis : given) axes.push_back(form.physical(from_front(axis, rank)));
      const ValueId data = emitter.stacked(site.input(0), form);
      if (!is_input) {
        emitter.copy_as(site, form, {data}, with(site.node().attributes, "axes", axes));
        return;
      }
      std::vector<ValueId> inputs = {data, emitter.uniform(site.input(1)),
                                     emitter.uniform(site.input(2)), emitter.ints(axes)};
      if (!site.is_absent(4)) inputs.push_back(emitter.uniform(site.input(4)));
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

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
    for (int i = 0; i < rank; ++i) axes.push_back(i);
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

}  // namespace

std::vector<Candidate> pad_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const auto padding = padding_of(site, rank);
  if (!padding) return {};
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
      std::vector<ValueId> inputs = {data, emitter.ints(pads)};
      if (!site.is_absent(2)) inputs.push_back(emitter.uniform(site.input(2)));
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

// Trilu works on the last two axes.
std::vector<Candidate> trilu_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 2 || !site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (form != Form::front() && rank - 2 < form.minimum_rank()) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
      if (!site.is_absent(1)) inputs.push_back(emitter.uniform(site.input(1)));
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

}  // namespace braid
