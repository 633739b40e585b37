// Shape and Size of a stacked value are uniform: all members run at the same sizes. They are read
// off whatever form exists and without the member axis, and everything computed from them stays
// uniform. So does EyeLike, which reads no more than the shape, and SequenceLength.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {

namespace {

ValueId size(Emitter& emitter, const Site& site) {
  if (site.rank(0) == 0) return emitter.constant(Tensor::of<std::int64_t>({}, {1}), "size");
  Attributes attributes;
  attributes.set("keepdims", std::int64_t{0});
  return emitter.add("ReduceProd", {emitter.logical_dims(site.input(0))}, std::move(attributes));
}

// A value of unknown rank is always separate.
Candidate of_one_member(const Site& site) {
  Candidate candidate;
  candidate.rule = "once";
  candidate.inputs = {Form::separate()};
  candidate.emit = [=](Emitter& emitter) {
    const ValueId first = emitter.separate(site.input(0))[0];
    emitter.define_uniform(site.output(), emitter.copy(site, {first})[0]);
  };
  return candidate;
}

}  // namespace

std::vector<Candidate> shape_rule(const Site& site) {
  const int rank = site.rank(0);
  if (!site.is_stacked(0)) return {};
  if (rank < 0) return {of_one_member(site)};
  Candidate candidate;
  candidate.rule = "once";
  candidate.emit = [=](Emitter& emitter) {
    if (site.node().is("Size")) {
      emitter.define_uniform(site.output(), size(emitter, site));
      return;
    }
    const ValueId dims = emitter.logical_dims(site.input(0));
    const auto place = [&](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
    };
    const std::int64_t start = place(site.node().attributes.get_int("start", 0));
    const std::int64_t end = place(site.node().attributes.get_int("end", rank));
    if (start == 0 && end == rank) {
      emitter.define_uniform(site.output(), dims);
      return;
    }
    std::vector<std::int64_t> places;
    for (std::int64_t i = start; i < end; ++i)
      places.push_back(i);
    emitter.define_uniform(site.output(), emitter.gather(dims, emitter.ints(places), 0));
  };
  return {candidate};
}

std::vector<Candidate> eye_like_rule(const Site& site) {
  if (!site.is_stacked(0)) return {};
  if (site.rank(0) < 0) return {of_one_member(site)};
  const DType given = site.facts().graph().value(site.input(0)).type.dtype;
  Candidate candidate;
  candidate.rule = "once";
  candidate.emit = [=](Emitter& emitter) {
    const ValueId zeros = emitter.add("ConstantOfShape", {emitter.logical_dims(site.input(0))});
    const std::int64_t dtype =
        site.node().attributes.get_int("dtype", static_cast<std::int64_t>(given));
    emitter.define_uniform(
        site.output(),
        emitter.copy(site, {zeros}, with(site.node().attributes, "dtype", dtype))[0]);
  };
  return {candidate};
}

}  // namespace braid
