// Normalisation along axes that an attribute names: the axes move with the member axis, and none
// may be one that members are folded into.
//
// LayerNormalization, RMSNormalization: parameters that differ are taken out, since runtimes expect
// them one-dimensional:
//   LayerNormalization(X, S, B)  =>  LayerNormalization(X, ones) * S + B
//
// LpNormalization, MeanVarianceNormalization: no parameters.

#include <algorithm>
#include <cstring>

#include "merge/rules/rules.hpp"

namespace braid {

namespace {

// Ones of a float type, which of the types is told by dtype.
Tensor ones(DType dtype, std::vector<std::int64_t> dims) {
  Tensor tensor = Tensor::allocate(dtype, std::move(dims));
  const std::size_t width = dtype_bytes(dtype, 1);
  std::uint64_t pattern = 0;
  switch (dtype) {
    case DType::Float64:
      pattern = 0x3FF0000000000000;
      break;
    case DType::Float16:
      pattern = 0x3C00;
      break;
    case DType::BFloat16:
      pattern = 0x3F80;
      break;
    default:
      pattern = 0x3F800000;
  }
  std::byte* target = tensor.mutable_raw().data();
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    std::memcpy(target + static_cast<std::size_t>(i) * width, &pattern, width);
  }
  return tensor;
}

Candidate with_uniform_parameters(const Site& site, const Form& form, int axis) {
  return in_form(site, "stitched", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
    for (std::size_t i = 1; i < site.input_count(); ++i) {
      inputs.push_back(site.is_absent(i) ? kAbsent : emitter.uniform(site.input(i)));
    }
    const auto physical = static_cast<std::int64_t>(form.physical(axis));
    emitter.copy_as(site, form, std::move(inputs), with(site.node().attributes, "axis", physical));
  });
}

Candidate with_stacked_parameters(const Site& site, const Form& form, int axis) {
  return in_form(site, "fused", form, [=](Emitter& emitter) {
    const int rank = site.rank(0);
    const Value& scale = site.facts().graph().value(site.input(1));
    const bool is_scale_uniform = site.is_uniform(1);
    const ValueId factor =
        is_scale_uniform ? emitter.uniform(site.input(1))
                         : emitter.constant(ones(scale.type.dtype, scale.constant.dims()), "ones");
    const auto physical = static_cast<std::int64_t>(form.physical(axis));
    std::vector<ValueId> outputs =
        emitter.copy(site, {emitter.stacked(site.input(0), form), factor},
                     with(site.node().attributes, "axis", physical));
    ValueId y = outputs[0];
    if (!is_scale_uniform) {
      y = emitter.add("Mul", {y, emitter.operand(site.input(1), form, rank)});
    }
    if (!site.is_absent(2)) {
      y = emitter.add("Add", {y, emitter.operand(site.input(2), form, rank)});
    }
    outputs[0] = y;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] != kAbsent) emitter.define(site.output(i), form, outputs[i]);
    }
  });
}

// Parameters that do not reach the axes before `axis` mean the same wherever these lie.
bool are_inner(const Site& site, int axis) {
  for (std::size_t i = 1; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && (site.rank(i) < 0 || site.rank(i) > site.rank(0) - axis))
      return false;
  }
  return true;
}

bool are_free(const Site& site, const Form& form, const std::vector<int>& axes) {
  return std::ranges::all_of(axes, [&](int axis) { return form.is_free(axis, site.members()); });
}

// One data input, normalised along `axes`, which `attribute` holds.
std::vector<Candidate> along(const Site& site, const std::vector<int>& axes,
                             const std::function<AttributeValue(const Form&)>& value,
                             const char* attribute) {
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    if (!are_free(site, form, axes)) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      emitter.copy_as(site, form, {emitter.stacked(site.input(0), form)},
                      with(site.node().attributes, attribute, value(form)));
    }));
  }
  return candidates;
}

}  // namespace

std::vector<Candidate> lp_normalization_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", -1), rank);
  const auto value = [=](const Form& form) { return std::int64_t{form.physical(axis)}; };
  return along(site, {axis}, value, "axis");
}

std::vector<Candidate> mean_variance_normalization_rule(const Site& site) {
  const int rank = site.rank(0);
  const auto given = site.node().attributes.get_ints("axes", {0, 2, 3});
  std::vector<int> axes;
  for (const std::int64_t axis : given) {
    if (axis >= rank || axis < -rank) return {};
    axes.push_back(from_front(axis, rank));
  }
  const auto value = [=](const Form& form) {
    std::vector<std::int64_t> physical;
    for (const int axis : axes)
      physical.push_back(form.physical(axis));
    return physical;
  };
  return along(site, axes, value, "axes");
}

std::vector<Candidate> layer_normalization_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || !site.is_stacked(0) || site.is_absent(1)) return {};
  const int axis = from_front(site.node().attributes.get_int("axis", -1), rank);
  const bool is_uniform = site.are_uniform_from(1);
  if (!is_uniform && !site.is_constant(1)) return {};
  std::vector<int> axes;
  for (int i = axis; i < rank; ++i)
    axes.push_back(i);
  const bool are_parameters_inner = are_inner(site, axis);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!are_free(site, form, axes)) continue;
    // second would put the member axis among the normalised ones.
    if (form == Form::second() && axis < 1) continue;
    if (form != Form::front() && !are_parameters_inner) continue;
    if (is_uniform) {
      candidates.push_back(with_uniform_parameters(site, form, axis));
    } else if (!form.is_folded()) {
      candidates.push_back(with_stacked_parameters(site, form, axis));
    }
  }
  return candidates;
}

}  // namespace braid
