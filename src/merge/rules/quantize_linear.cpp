// QuantizeLinear and DequantizeLinear by the granularity of their parameters (scale, zero point):
//
//   all parameters uniform    the axis, if there is one, moves with the member axis
//   per tensor, stacked       one value per member: per axis, along the member axis of front/second
//   per axis 1, stacked       X in folded(k), the parameters of the k blocks joined
//   per axis 0, stacked       X in folded(1), the parameters of all members joined
//   a matrix, per column      also in front as blocks of whole columns: [M, K, O], [M, 1, O]
//   in blocks                 everything in front
//
// Other axes with parameters that differ have no such form.

#include "merge/rules/blocks.hpp"

namespace braid {
namespace {

constexpr std::int64_t kAxisSince = 13;
constexpr std::int64_t kBlocksSince = 21;

std::int64_t axis_of(const Site& site) {
  return from_front(site.node().attributes.get_int("axis", 1), site.rank(0));
}

// The data, and each parameter as `parameter` gives it.
void emit(const Site& site, const Form& form, Emitter& emitter, Attributes attributes,
          const std::function<ValueId(std::size_t)>& parameter) {
  std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
  for (std::size_t i = 1; i < site.input_count(); ++i)
    inputs.push_back(site.is_absent(i) ? kAbsent : parameter(i));
  emitter.copy_as(site, form, std::move(inputs), std::move(attributes));
}

Attributes with_axis(const Site& site, std::int64_t axis) {
  return with(site.node().attributes, "axis", axis);
}

// `axis` is -1 if there is none.
std::vector<Candidate> with_uniform_parameters(const Site& site, int axis) {
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (axis >= 0 && !form.is_free(axis, site.members())) continue;
    candidates.push_back(in_form(site, "stitched", form, [=](Emitter& emitter) {
      const Attributes attributes =
          axis < 0 ? site.node().attributes : with_axis(site, form.physical(axis));
      emit(site, form, emitter, attributes,
           [&](std::size_t i) { return emitter.uniform(site.input(i)); });
    }));
  }
  return candidates;
}

std::vector<Candidate> per_tensor(const Site& site) {
  if (site.opset() < kAxisSince || site.rank(0) < 1) return {};
  std::vector<Candidate> candidates;
  for (const Form& form : {Form::front(), Form::second()}) {
    const Form vector = site.rank(1) == 0 ? Form::front() : Form::folded(1);  // [M] of [] or [1]
    Candidate candidate = in_form(site, "fused", form, [=](Emitter& emitter) {
      emit(site, form, emitter, with_axis(site, form == Form::front() ? 0 : 1),
           [&](std::size_t i) { return emitter.stacked(site.input(i), vector); });
    });
    for (std::size_t i = 1; i < site.input_count(); ++i)
      candidate.inputs[i] = vector;
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

bool are_joinable(const Site& site, int blocks) {
  for (std::size_t i = 1; i < site.input_count(); ++i) {
    if (!is_joinable(site, i, blocks)) return false;
  }
  return true;
}

// Parameters of `blocks` blocks of members joined along the axis that these are folded into.
Candidate per_folded_axis(const Site& site, const Form& form, int blocks) {
  Candidate candidate = in_form(site, blocks_rule(site, blocks), form, [=](Emitter& emitter) {
    emit(site, form, emitter, site.node().attributes,
         [&](std::size_t i) { return joined(emitter, site, i, blocks); });
  });
  for (std::size_t i = 1; i < site.input_count(); ++i)
    read_joined(site, i, 0, candidate);
  return candidate;
}

Candidate per_column(const Site& site, std::int64_t rows) {
  const Form form = Form::front();
  return in_form(site, "fused", form, [=](Emitter& emitter) {
    Attributes attributes = with_axis(site, 1);
    attributes.set("block_size", rows);
    emit(site, form, emitter, std::move(attributes), [&](std::size_t i) {
      return emitter.unsqueeze(emitter.stacked(site.input(i), form), {1});
    });
  });
}

std::vector<Candidate> per_axis(const Site& site, int axis) {
  std::vector<Candidate> candidates;
  if (axis == 0 && are_joinable(site, site.members())) {
    candidates.push_back(per_folded_axis(site, Form::folded(1), site.members()));
  }
  if (axis != 1) return candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (!form.is_folded() || form.blocks == 1 || !are_joinable(site, form.blocks)) continue;
    candidates.push_back(per_folded_axis(site, form, form.blocks));
  }
  const Dim& rows = (*site.shape(0))[0];
  if (site.opset() >= kBlocksSince && site.rank(0) == 2 && rows.size > 0) {
    candidates.push_back(per_column(site, rows.size));
  }
  return candidates;
}

Candidate in_blocks(const Site& site) {
  const Form form = Form::front();
  return in_form(site, "fused", form, [=](Emitter& emitter) {
    emit(site, form, emitter, with_axis(site, axis_of(site) + 1),
         [&](std::size_t i) { return emitter.stacked(site.input(i), form); });
  });
}

bool have_same_rank(const Site& site) {
  return site.rank(1) >= 0 && (site.is_absent(2) || site.rank(2) == site.rank(1));
}

}  // namespace

std::vector<Candidate> quantize_linear_rule(const Site& site) {
  if (site.rank(0) < 0 || !have_same_rank(site)) return {};
  const bool is_uniform = site.are_uniform_from(1);
  if (is_single(site, 1)) return is_uniform ? with_uniform_parameters(site, -1) : per_tensor(site);
  const int axis = static_cast<int>(axis_of(site));
  if (axis < 0 || axis >= site.rank(0)) return {};
  if (site.rank(1) == 1) {
    return is_uniform ? with_uniform_parameters(site, axis) : per_axis(site, axis);
  }
  const bool has_blocks = site.node().attributes.get_int("block_size", 0) > 0;
  if (!has_blocks || site.rank(1) != site.rank(0)) return {};
  return {in_blocks(site)};
}

}  // namespace braid
