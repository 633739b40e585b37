// Operators that compute each element of the output from the elements of the inputs at its place,
// with broadcasting. Every form does in which the operands still meet at their places:
//
//   front      operands of lower rank get 1s behind the member axis; uniform ones fit as they are
//   second     uniform operands of full rank get a 1 where the member axis is
//   folded(k)  no operand may broadcast along a dim that members are folded into
//
// PRelu broadcasts its slope to X, never X to its slope: a uniform X is repeated for stacked
// slopes.

#include "ir/random_operators.hpp"
#include "merge/rules/rules.hpp"

namespace braid {
namespace {

// The dims of an input as a value of rank `rank`.
Shape padded_shape(const Site& site, std::size_t i, int rank) {
  Shape shape = *site.shape(i);
  shape.insert(shape.begin(), static_cast<std::size_t>(rank) - shape.size(), Dim::known(1));
  return shape;
}

bool is_one(const Dim& dim) {
  return dim.size == 1;
}

// A constant that all share has its channels repeated for every block.
bool repeats_channels(const Site& site, std::size_t i, const Form& form, int rank) {
  if (!site.is_uniform(i) || !site.is_constant(i) || !form.is_folded() || form.blocks == 1) {
    return false;
  }
  const Shape input = padded_shape(site, i, rank);
  return is_one(input[0]) && !is_one(input[1]);
}

bool fits_folded(const Site& site, std::size_t i, int rank, int blocks) {
  const Shape input = padded_shape(site, i, rank);
  const Shape& output = *site.output_shape();
  const bool folds_batch = blocks < site.members();
  const bool folds_channels = blocks > 1;
  if (site.is_uniform(i)) {
    return (!folds_batch || is_one(input[0])) &&
           (!folds_channels || is_one(input[1]) ||
            repeats_channels(site, i, Form::folded(blocks), rank));
  }
  if (folds_channels && !input[1].same_as(output[1])) return false;
  if (!folds_batch || input[0].same_as(output[0])) return true;
  // A weight that broadcasts along the batch serves all members of a block if they share it.
  return folds_channels && site.is_constant(i) && is_one(input[0]) && site.rank(i) < rank &&
         site.facts().is_constant_on_blocks(site.input(i), blocks);
}

bool fits(const Site& site, const Form& form, int rank) {
  if (!form.is_folded()) return true;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && !fits_folded(site, i, rank, form.blocks)) return false;
  }
  return true;
}

// Before opset 8, Max, Mean, Min and Sum wanted all operands of one shape.
bool can_broadcast(const Site& site) {
  const Node& node = site.node();
  const bool is_variadic = node.is("Max") || node.is("Mean") || node.is("Min") || node.is("Sum");
  return site.opset() >= 8 || !is_variadic;
}

}  // namespace

std::vector<Candidate> elementwise_rule(const Site& site) {
  const int rank = site.output_rank();
  if (rank < 0) return {};
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.is_uniform(i) && !can_broadcast(site)) return {};
  }
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && (site.rank(i) < 0 || site.rank(i) > rank)) return {};
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (!fits(site, form, rank)) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs;
      for (std::size_t i = 0; i < site.input_count(); ++i) {
        const bool is_fixed = i == 0 && site.node().is("PRelu");
        inputs.push_back(site.is_absent(i) ? kAbsent
                         : is_fixed        ? emitter.stacked(site.input(i), form)
                                           : emitter.operand(site.input(i), form, rank));
      }
      emitter.copy_as(site, form, std::move(inputs));
    }));
    for (std::size_t i = 0; i < site.input_count(); ++i) {
      if (repeats_channels(site, i, form, rank)) candidates.back().cost += site.costs().reshape;
    }
  }
  return candidates;
}

namespace {

// Types that runtimes take for Max and Min.
bool has_extrema(DType dtype) {
  switch (dtype) {
    case DType::Float16:
    case DType::Float32:
    case DType::Float64:
    case DType::Int32:
    case DType::Int64:
    case DType::UInt32:
    case DType::UInt64:
      return true;
    default:
      return false;
  }
}

// Clip(x, lo, hi)  =>  Min(Max(x, lo), hi), which is its definition, with limits [M, 1...].
std::vector<Candidate> clip_by_extrema(const Site& site) {
  constexpr std::int64_t kMaxTakesIntegers = 12;
  const int rank = site.rank(0);
  if (site.opset() < kMaxTakesIntegers) return {};
  if (!has_extrema(site.facts().graph().value(site.input(0)).type.dtype)) return {};
  for (std::size_t i = 1; i < site.input_count(); ++i) {
    if (!site.is_absent(i) && (site.rank(i) < 0 || site.rank(i) > rank)) return {};
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(rank)) {
    if (form.is_folded()) continue;
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      ValueId y = emitter.operand(site.input(0), form, rank);
      for (std::size_t i = 1; i < site.input_count(); ++i) {
        if (site.is_absent(i)) continue;
        y = emitter.add(i == 1 ? "Max" : "Min", {y, emitter.operand(site.input(i), form, rank)});
      }
      emitter.define(site.output(), form, y);
    }));
    candidates.back().cost = site.costs().launch;
  }
  return candidates;
}

}  // namespace

// Clip, and Dropout at inference: elementwise in the first input, and the others are scalars, which
// must be the same for all members; else Clip becomes Max and Min.
std::vector<Candidate> clip_rule(const Site& site) {
  if (site.rank(0) < 0 || is_random(site.node())) return {};
  if (!site.are_uniform_from(1)) {
    return site.node().is("Clip") ? clip_by_extrema(site) : std::vector<Candidate>{};
  }
  std::vector<Candidate> candidates;
  for (const Form& form : site.forms(site.rank(0))) {
    candidates.push_back(in_form(site, "stacked", form, [=](Emitter& emitter) {
      std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form)};
      append_uniform(emitter, site, 1, inputs);
      emitter.copy_as(site, form, std::move(inputs));
    }));
  }
  return candidates;
}

}  // namespace braid
