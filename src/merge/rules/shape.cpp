// Shape and Size of a stacked value are uniform: all members run at the same sizes. They are read
// off whatever form exists and without the member axis, and everything computed from them stays
// uniform.

#include <algorithm>

#include "merge/rules/rules.hpp"

namespace braid {

namespace {

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
    const ValueId dims = emitter.logical_dims(site.input(0));
    if (site.node().is("Size")) {
      Attributes attributes;
      attributes.set("keepdims", std::int64_t{0});
      emitter.define_uniform(site.output(), emitter.add("ReduceProd", {dims}, attributes));
      return;
    }
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

}  // namespace braid
