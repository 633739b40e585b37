// RoiAlign and MaxRoiPool cut regions out of images, all channels alike, and each region names its
// image by number:
//
//   X stacked, regions uniform   X [N, M*C, H, W], regions as they are
//   X uniform, regions stacked   regions [M*R, ...]
//   both stacked                 X [M*N, C, H, W], regions [M*R, ...], the numbers of member m
//                                counted from m*N on

#include "merge/rules/member_offsets.hpp"
#include "merge/rules/rules.hpp"

namespace braid {
namespace {

// m*N for each member: [M, 1, ...].
ValueId first_images(Emitter& emitter, const Site& site, int rank) {
  const Dim& batch = (*site.shape(0))[0];
  const auto known = batch.is_known() ? std::optional(batch.size) : std::nullopt;
  return member_offsets(emitter, rank, known, [&] {
    return emitter.gather(emitter.logical_dims(site.input(0)), emitter.ints({0}), 0);
  });
}

// X and one more way to say which regions: what `regions` emits behind X.
using Regions = std::function<std::vector<ValueId>(Emitter&)>;

Candidate with_uniform_regions(const Site& site) {
  const Form form = Form::folded(site.members());
  return in_form(site, "stacked", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
    append_uniform(emitter, site, 1, inputs);
    emitter.copy_as(site, form, std::move(inputs));
  });
}

Candidate with_stacked_regions(const Site& site, const Regions& regions) {
  const Form form = Form::folded(1);
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    const ValueId x =
        site.is_uniform(0) ? emitter.uniform(site.input(0)) : emitter.stacked(site.input(0), form);
    std::vector<ValueId> inputs = regions(emitter);
    inputs.insert(inputs.begin(), x);
    emitter.copy_as(site, form, std::move(inputs));
  });
  return candidate;
}

}  // namespace

std::vector<Candidate> roi_align_rule(const Site& site) {
  if (site.rank(0) != 4 || site.rank(1) != 2 || site.rank(2) != 1) return {};
  if (site.are_uniform_from(1)) return {with_uniform_regions(site)};
  return {with_stacked_regions(site, [=](Emitter& emitter) -> std::vector<ValueId> {
    const ValueId rois = emitter.stacked(site.input(1), Form::folded(1));
    if (site.is_uniform(0)) return {rois, emitter.stacked(site.input(2), Form::folded(1))};
    const ValueId images = emitter.stacked(site.input(2), Form::front());
    const ValueId moved = emitter.add("Add", {images, first_images(emitter, site, 1)});
    return {rois, emitter.reshape(moved, {-1})};
  })};
}

// The number of the image is the first of the five numbers of a region.
std::vector<Candidate> max_roi_pool_rule(const Site& site) {
  if (site.rank(0) != 4 || site.rank(1) != 2) return {};
  if (site.are_uniform_from(1)) return {with_uniform_regions(site)};
  return {with_stacked_regions(site, [=](Emitter& emitter) -> std::vector<ValueId> {
    if (site.is_uniform(0)) return {emitter.stacked(site.input(1), Form::folded(1))};
    const ValueId rois = emitter.stacked(site.input(1), Form::front());
    const ValueId offsets =
        emitter.add("Mul", {first_images(emitter, site, 2), emitter.ints({1, 0, 0, 0, 0})});
    Attributes attributes;
    attributes.set("to",
                   static_cast<std::int64_t>(site.facts().graph().value(site.input(1)).type.dtype));
    const ValueId moved =
        emitter.add("Add", {rois, emitter.add("Cast", {offsets}, std::move(attributes))});
    return {emitter.reshape(moved, {-1, 5})};
  })};
}

}  // namespace braid
