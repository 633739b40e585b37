// Resize and Upsample with the members in batch and channels, which must stay as they are. Sizes of
// folded dims grow with them, scales do not:
//
//   X [M/k*N, k*C, H, W]   scales [1, 1, h, w] or sizes [M/k*N, k*C, H', W']
//
// Where the batch or the channels are resized too, or it cannot be told, in front, with the axes
// named (from opset 18 on) and moved behind the member axis.

#include <algorithm>
#include <numeric>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::int64_t kAxesSince = 18;

// Where an operator of this version has its operands.
struct Slots {
  std::size_t roi, scales, sizes;
};

constexpr std::size_t kNone = 99;

Slots slots_of(const Site& site) {
  return site.opset() >= 11 ? Slots{1, 2, 3} : Slots{kNone, 1, kNone};
}

bool is_given(const Site& site, std::size_t i) {
  if (site.is_absent(i)) return false;
  const Shape* shape = site.shape(i);  // an empty one counts as absent
  return shape == nullptr || shape->size() != 1 || (*shape)[0].size != 0;
}

Ints axes_of(const Site& site) {
  const int rank = site.rank(0);
  Ints axes = site.node().attributes.get_ints("axes");
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
  }
  for (std::int64_t& axis : axes)
    axis = from_front(axis, rank);
  return axes;
}

// The floats of a constant that all members share; empty if it is none.
std::vector<float> floats_of(const Site& site, std::size_t i) {
  if (!site.is_constant(i) || !site.is_uniform(i)) return {};
  const Tensor tensor = site.facts().graph().value(site.input(i)).constant.materialised();
  if (tensor.dtype() != DType::Float32) return {};
  const auto values = tensor.data<float>();
  return {values.begin(), values.end()};
}

std::vector<float> scales_of(const Site& site) {
  const std::size_t slot = slots_of(site).scales;
  if (is_given(site, slot)) return floats_of(site, slot);
  return site.node().attributes.get_floats("scales");  // Upsample before opset 9
}

// Whether what the entry at `place` of the axes says leaves its axis as it is.
bool keeps(const Site& site, const Ints& axes, std::size_t place) {
  const Slots slots = slots_of(site);
  const Attributes& attributes = site.node().attributes;
  const std::string coordinates = attributes.get_string("coordinate_transformation_mode", "");
  const auto is_float = [](const std::vector<float>& values, std::size_t i, float value) {
    return i < values.size() && values[i] == value;
  };
  // Half a pixel that no scale takes back; only rounding down does.
  if (coordinates == "tf_half_pixel_for_nn" &&
      attributes.get_string("nearest_mode", "round_prefer_floor") != "floor") {
    return false;
  }
  if (coordinates == "tf_crop_and_resize") {
    const std::vector<float> roi = floats_of(site, slots.roi);
    if (!is_float(roi, place, 0) || !is_float(roi, axes.size() + place, 1)) return false;
  }
  if (!is_given(site, slots.sizes)) return is_float(scales_of(site), place, 1);
  // One scale for all axes: a folded one would have a say in it.
  if (attributes.get_string("keep_aspect_ratio_policy", "stretch") != "stretch") return false;
  const auto axis = static_cast<std::size_t>(axes[place]);
  return (*site.shape(0))[axis].same_as((*site.output_shape())[axis]);
}

bool fits(const Site& site, const Form& form, const Ints& axes) {
  for (std::size_t place = 0; place < axes.size(); ++place) {
    const bool is_free = form.is_free(static_cast<int>(axes[place]), site.members());
    if (!is_free && !keeps(site, axes, place)) return false;
  }
  return true;
}

ValueId folded_sizes(Emitter& emitter, const Site& site, const Form& form, const Ints& axes) {
  const std::size_t slot = slots_of(site).sizes;
  const std::vector<FormDim> dims = form_dims(form, site.rank(0), site.members());
  Ints factors;
  for (const std::int64_t axis : axes)
    factors.push_back(dims[static_cast<std::size_t>(axis)].factor);
  if (auto sizes = site.ints(slot)) {
    for (std::size_t i = 0; i < factors.size(); ++i)
      (*sizes)[i] *= factors[i];
    return emitter.ints(*sizes);
  }
  const ValueId sizes = emitter.uniform(site.input(slot));
  const bool is_same = std::all_of(factors.begin(), factors.end(), [](auto f) { return f == 1; });
  return is_same ? sizes : emitter.add("Mul", {sizes, emitter.ints(factors)});
}

Candidate folded(const Site& site, const Form& form, const Ints& axes) {
  return in_form(site, "stacked", form, [=](Emitter& emitter) {
    const std::size_t sizes = slots_of(site).sizes;
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
    append_uniform(emitter, site, 1, inputs);
    if (is_given(site, sizes)) inputs[sizes] = folded_sizes(emitter, site, form, axes);
    emitter.copy_as(site, form, std::move(inputs));
  });
}

Candidate in_front(const Site& site, const Ints& axes) {
  const Form form = Form::front();
  return in_form(site, "stacked", form, [=](Emitter& emitter) {
    Ints physical;
    for (const std::int64_t axis : axes)
      physical.push_back(axis + 1);
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
    append_uniform(emitter, site, 1, inputs);
    emitter.copy_as(site, form, std::move(inputs), with(site.node().attributes, "axes", physical));
  });
}

}  // namespace

std::vector<Candidate> resize_rule(const Site& site) {
  const int rank = site.rank(0);
  if (rank < 1 || site.output_rank() != rank) return {};
  if (!site.is_stacked(0) || !site.are_uniform_from(1)) return {};
  const Ints axes = axes_of(site);
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (form.is_folded() && fits(site, form, axes)) candidates.push_back(folded(site, form, axes));
  }
  const bool is_nearest = site.node().attributes.get_string("mode", "nearest") == "nearest";
  // Only "nearest" is at home in every rank, in every runtime.
  if (candidates.empty() && is_nearest && site.opset() >= kAxesSince) {
    candidates.push_back(in_front(site, axes));
  }
  return candidates;
}

}  // namespace braid
