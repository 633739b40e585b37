// Reshape and Flatten. In front, M goes before the target: a 0 at place i then copies dim i + 1,
// which is the same logical dim, and -1 stays what it is. If the batch stays the first dim, the
// rest is reshaped image by image, and the other forms do as well:
//
//   second     [N, M, ...]           -> [0, M, d1, ...]
//   folded(k)  [M/k*N, k*C, ...]     -> [0, k*d1, ...]

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

bool keeps_batch(const Site& site) {
  const Shape* from = site.shape(0);
  const Shape* to = site.output_shape();
  if (from == nullptr || to == nullptr || from->empty() || to->empty()) return false;
  return (*from)[0].same_as((*to)[0]) && (*from)[0].size != 0;
}

// The target for a form that keeps the batch first; empty if more than one dim is not known.
std::optional<Ints> target_for(const Site& site, const Form& form) {
  const Shape& to = *site.output_shape();
  Ints target = {0};
  if (form == Form::second()) target.push_back(site.members());
  int unknown = 0;
  for (std::size_t i = 1; i < to.size(); ++i) {
    const std::int64_t factor = i == 1 && form.is_folded() ? form.blocks : 1;
    if (to[i].size == 0) return std::nullopt;
    target.push_back(to[i].is_known() ? factor * to[i].size : -1);
    if (!to[i].is_known()) ++unknown;
  }
  if (unknown > 1) return std::nullopt;
  return target;
}

Candidate in_front(const Site& site) {
  return in_form(site, "stacked", Form::front(), [=](Emitter& emitter) {
    const ValueId data = emitter.stacked(site.input(0), Form::front());
    ValueId target = kAbsent;
    if (const auto values = site.ints(1)) {
      Ints merged = *values;
      merged.insert(merged.begin(), emitter.members());
      target = emitter.ints(merged);
    } else {
      target =
          emitter.concat({emitter.ints({emitter.members()}), emitter.uniform(site.input(1))}, 0);
    }
    emitter.copy_as(site, Form::front(), {data, target});
  });
}

}  // namespace

std::vector<Candidate> reshape_rule(const Site& site) {
  if (site.opset() < 5 || !site.is_stacked(0) || !site.is_uniform(1)) return {};
  if (site.rank(0) < 0 || site.output_rank() < 0) return {};
  std::vector<Candidate> candidates = {in_front(site)};
  if (!keeps_batch(site)) return candidates;
  const int rank = std::min(site.rank(0), site.output_rank());
  for (const Form& form : site.forms(rank)) {
    if (form == Form::front()) continue;
    const auto target = target_for(site, form);
    if (!target) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      Attributes attributes = site.node().attributes;
      attributes.erase("allowzero");
      emitter.copy_as(site, form, {emitter.stacked(site.input(0), form), emitter.ints(*target)},
                      std::move(attributes));
    }));
  }
  return candidates;
}

// Flatten at axis 1 keeps the batch and is right as it is wherever members are folded.
std::vector<Candidate> flatten_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 0) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", 1), rank);
  std::vector<Candidate> candidates;
  if (axis == 1) {
    for (const Form& form : site.forms(rank)) {
      if (!form.is_folded()) continue;
      candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
        emitter.copy_as(site, form, {emitter.stacked(site.input(0), form)});
      }));
    }
  }
  // [M, prod before, prod behind]: two dims of which one must be known, or stay as it is.
  const Shape* to = site.output_shape();
  if (to == nullptr || to->size() != 2) return candidates;
  const auto known = [&](std::size_t i) { return (*to)[i].is_known() ? (*to)[i].size : -1; };
  Ints target = {site.members(), axis == 1 ? 0 : known(0), known(1)};
  if (target[1] == -1 && target[2] == -1) return candidates;
  if ((*to)[0].size == 0 || (*to)[1].size == 0) return candidates;
  candidates.push_back(in_form(site, "stacked", Form::front(), [=](Emitter& emitter) {
    const ValueId data = emitter.stacked(site.input(0), Form::front());
    emitter.define(site.output(), Form::front(), emitter.reshape(data, target));
  }));
  return candidates;
}

}  // namespace braid
