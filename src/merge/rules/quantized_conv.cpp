// ConvInteger and QLinearConv, as Conv: data in folded(k), the filters of k blocks joined, k times
// the groups. Integers are summed, so nothing is rounded anew.
//
// The scale and the zero point of the data and of the result are scalars by definition: they must
// be the same for all members. The filters' scale may be one value per output channel, so scalars
// that differ are repeated: [k] -> [k*O]. The filters' zero point must be the same as well: ONNX
// Runtime takes only one value of it.

#include "merge/rules/blocks.hpp"

namespace braid {
namespace {

struct Slots {
  std::vector<std::size_t> common;  // one value for all members and channels
  std::size_t filters;
  std::size_t scale;  // of the filters; 0 if there is none
  std::size_t zero_point;
  std::size_t bias;  // 0 if there is none
};

const Slots& slots_of(const Site& site) {
  static const Slots kInteger{{2}, 1, 0, 3, 0};
  static const Slots kLinear{{1, 2, 6, 7}, 3, 4, 5, 8};
  return site.node().is("QLinearConv") ? kLinear : kInteger;
}

// [k*O] of a parameter that each member has once, or once per output channel.
ValueId per_channel(Emitter& emitter, const Site& site, std::size_t i, int blocks) {
  if (site.is_absent(i)) return kAbsent;
  if (!is_single(site, i)) return joined(emitter, site, i, blocks);
  const std::int64_t channels = (*site.shape(slots_of(site).filters))[0].size;
  const ValueId column = site.is_constant(i)
                             ? emitter.blocks(site.input(i), blocks, 1)
                             : emitter.reshape(emitter.uniform(site.input(i)), {1, 1});
  const ValueId rows = emitter.add("Expand", {column, emitter.ints({blocks, channels})});
  return emitter.reshape(rows, {-1});
}

// Scale and zero point of the filters have one shape: both stay single, or neither does.
bool stays_single(const Site& site, const Slots& slots) {
  return is_single(site, slots.zero_point) && site.is_uniform(slots.zero_point) &&
         (slots.scale == 0 || (is_single(site, slots.scale) && site.is_uniform(slots.scale)));
}

void emit(const Site& site, const Form& form, Emitter& emitter) {
  const Slots& slots = slots_of(site);
  std::vector<ValueId> inputs(site.input_count(), kAbsent);
  inputs[0] = emitter.stacked(site.input(0), form);
  inputs[slots.filters] = joined(emitter, site, slots.filters, form.blocks);
  for (const std::size_t i : slots.common) {
    if (!site.is_absent(i)) inputs[i] = emitter.uniform(site.input(i));
  }
  const bool keeps_single = stays_single(site, slots);
  for (const std::size_t i : {slots.scale, slots.zero_point}) {
    if (i == 0 || site.is_absent(i)) continue;
    inputs[i] =
        keeps_single ? emitter.uniform(site.input(i)) : per_channel(emitter, site, i, form.blocks);
  }
  if (slots.bias != 0 && !site.is_absent(slots.bias)) {
    inputs[slots.bias] = joined(emitter, site, slots.bias, form.blocks);
  }
  const std::int64_t group = site.node().attributes.get_int("group", 1) * form.blocks;
  emitter.copy_as(site, form, std::move(inputs), with(site.node().attributes, "group", group));
}

bool applies(const Site& site, const Slots& slots) {
  const Shape* filters = site.shape(slots.filters);
  if (site.rank(0) < 3 || site.rank(slots.filters) != site.rank(0)) return false;
  if (!(*filters)[0].is_known()) return false;
  for (const std::size_t i : slots.common) {
    if (site.is_stacked(i)) return false;
  }
  if (site.is_stacked(slots.zero_point)) return false;
  return slots.scale == 0 || site.is_uniform(slots.scale) || site.is_constant(slots.scale);
}

}  // namespace

std::vector<Candidate> quantized_conv_rule(const Site& site) {
  const Slots& slots = slots_of(site);
  if (!applies(site, slots)) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (!form.is_folded()) continue;
    if (!is_joinable(site, slots.filters, form.blocks)) continue;
    if (slots.scale != 0 && !is_joinable(site, slots.scale, form.blocks)) continue;
    if (slots.bias != 0 && !is_joinable(site, slots.bias, form.blocks)) continue;
    Candidate candidate = in_form(site, blocks_rule(site, form.blocks), form,
                                  [=](Emitter& emitter) { emit(site, form, emitter); });
    read_joined(site, slots.filters, 0, candidate);
    if (slots.bias != 0 && !site.is_absent(slots.bias)) {
      read_joined(site, slots.bias, 0, candidate);
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace braid
