// Constants of the Emitter: stacked, in blocks, and each distinct one stored once.
//
// Weights whose share classes are no blocks of consecutive members: RepeatedConstants.

#include <map>
#include <numeric>

#include "merge/emitter.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

std::vector<std::int64_t> with_leading_ones(std::vector<std::int64_t> dims, int rank) {
  dims.insert(dims.begin(), static_cast<std::size_t>(rank) - dims.size(), 1);
  return dims;
}

Shape as_shape(const std::vector<std::int64_t>& dims) {
  Shape shape;
  for (const std::int64_t dim : dims)
    shape.push_back(Dim::known(dim));
  return shape;
}

}  // namespace

Tensor Emitter::slice(ValueId value, int place) const {
  const std::size_t member = facts_.order[static_cast<std::size_t>(place)];
  const ValueId id = facts_.group->value_of(member, value);
  return facts_.group->graphs[member]->value(id).constant;
}

ValueId Emitter::stored_concatenation(ValueId value, const std::vector<int>& places,
                                      const std::vector<std::int64_t>& dims, int axis) {
  const std::string& name = facts_.graph().value(value).name;
  if (places.size() == 1) return constant(slice(value, places[0]).reshaped(dims), name);
  const ShareClasses& classes = facts_.classes[static_cast<std::size_t>(value)];
  std::vector<std::int64_t> key = {MergedGraph::kConcatenation, axis};
  key.insert(key.end(), dims.begin(), dims.end());
  key.push_back(-1);
  for (const int place : places) {
    key.push_back(classes.contents[facts_.order[static_cast<std::size_t>(place)]]);
  }
  return merged().stored(key, name, [&] {
    std::vector<Tensor> parts;
    for (const int place : places)
      parts.push_back(slice(value, place).reshaped(dims));
    return Tensor::concatenation(std::move(parts), axis);
  });
}

namespace {

// For each of `places` the number of its share class among them; the first place of each class is
// added to `firsts`.
std::vector<std::int64_t> number_classes(const GroupFacts& facts, ValueId value,
                                         const std::vector<int>& places, std::vector<int>& firsts) {
  const std::vector<int>& class_of = facts.classes[static_cast<std::size_t>(value)].class_of;
  std::vector<std::int64_t> numbers;
  std::map<int, std::int64_t> number_of;
  for (const int place : places) {
    const int share_class = class_of[facts.order[static_cast<std::size_t>(place)]];
    const auto next = static_cast<std::int64_t>(firsts.size());
    const auto [it, is_new] = number_of.emplace(share_class, next);
    if (is_new) firsts.push_back(place);
    numbers.push_back(it->second);
  }
  return numbers;
}

std::vector<int> all_places(const GroupFacts& facts) {
  std::vector<int> places(facts.order.size());
  std::iota(places.begin(), places.end(), 0);
  return places;
}

// The first place of each of k blocks.
std::vector<int> block_places(const GroupFacts& facts, int blocks) {
  std::vector<int> places;
  for (int block = 0; block < blocks; ++block)
    places.push_back(block * (facts.members() / blocks));
  return places;
}

}  // namespace

// The slices at `places` laid one after the other along axis 0, as tensors of `dims`; equal ones
// are stored once.
ValueId Emitter::join_places(ValueId value, const std::vector<int>& places,
                             const std::vector<std::int64_t>& dims) {
  std::vector<int> distinct;
  const std::vector<std::int64_t> numbers = number_classes(facts_, value, places, distinct);
  if (distinct.size() == places.size()) return stored_concatenation(value, places, dims, 0);
  std::vector<Tensor> parts;
  for (const int place : distinct)
    parts.push_back(slice(value, place).reshaped(dims));
  return merged().repeat(parts, numbers, facts_.graph().value(value).name);
}

// One slice per place in `places`, stacked in front of `dims`.
ValueId Emitter::stack_places(ValueId value, const std::vector<int>& places,
                              const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> slice_dims = dims;
  slice_dims.insert(slice_dims.begin(), 1);
  return join_places(value, places, slice_dims);
}

ValueId Emitter::stacked_constant(ValueId value, const Form& form, int rank) {
  const Tensor& exemplar = facts_.graph().value(value).constant;
  const std::vector<std::int64_t> dims = with_leading_ones(exemplar.dims(), rank);
  const std::vector<int> places = all_places(facts_);
  const bool are_distinct = facts_.classes[static_cast<std::size_t>(value)].count == members();
  if (form == Form::folded(1)) return join_places(value, places, dims);
  // Behind a first dim of 1, the slices laid one after the other are the tensor in folded(M) or
  // second, up to that 1, which broadcasting puts back.
  if (rank > exemplar.rank() && form == Form::folded(members())) {
    return join_places(value, places, {dims.begin() + 1, dims.end()});
  }
  if (rank > exemplar.rank() && form == Form::second()) {
    return stack_places(value, places, {dims.begin() + 1, dims.end()});
  }
  if (are_distinct && form == Form::folded(members())) {
    return stored_concatenation(value, places, dims, 1);
  }
  if (are_distinct && form == Form::second()) {
    std::vector<std::int64_t> slice_dims = dims;
    slice_dims.insert(slice_dims.begin() + 1, 1);
    return stored_concatenation(value, places, slice_dims, 1);
  }
  const ValueId front = stack_places(value, places, dims);
  return change_form(front, Form::front(), form, as_shape(dims), kAbsent);
}

ValueId Emitter::blocks(ValueId value, int blocks, int rank) {
  BRAID_ASSERT(facts_.is_constant_on_blocks(value, blocks), "a block lies within a share class");
  const std::vector<int> places = block_places(facts_, blocks);
  return stack_places(value, places,
                      with_leading_ones(facts_.graph().value(value).constant.dims(), rank));
}

ValueId Emitter::distinct(ValueId value, int rank) {
  std::vector<int> firsts;
  number_classes(facts_, value, all_places(facts_), firsts);
  return stack_places(value, firsts,
                      with_leading_ones(facts_.graph().value(value).constant.dims(), rank));
}

ValueId Emitter::repeated(ValueId id, ValueId value) {
  std::vector<int> firsts;
  const std::vector<std::int64_t> numbers =
      number_classes(facts_, value, all_places(facts_), firsts);
  return firsts.size() == numbers.size() ? id : gather(id, ints(numbers), 0);
}

ValueId Emitter::joined_blocks(ValueId value, int blocks, int axis) {
  BRAID_ASSERT(facts_.is_constant_on_blocks(value, blocks), "a block lies within a share class");
  const int count = facts_.classes[static_cast<std::size_t>(value)].count;
  if (count == 1 && blocks == 1) return uniform(value);
  const std::vector<std::int64_t>& dims = facts_.graph().value(value).constant.dims();
  const std::vector<int> places = block_places(facts_, blocks);
  if (axis == 0) return join_places(value, places, dims);
  if (count == blocks) return stored_concatenation(value, places, dims, axis);
  // [k, d0, d1, ...] -> [d0, k * d1, ...] along another axis than the first
  const int rank = static_cast<int>(dims.size());
  std::vector<std::int64_t> perm;
  for (int i = 1; i <= rank; ++i) {
    if (i == axis + 1) perm.push_back(0);
    perm.push_back(i);
  }
  std::vector<std::int64_t> target = dims;
  target[static_cast<std::size_t>(axis)] *= blocks;
  return reshape(transpose(stack_places(value, places, dims), perm), target);
}

ValueId Emitter::padded_blocks(ValueId value, int blocks, int rank) {
  const std::vector<std::int64_t> dims =
      with_leading_ones(facts_.graph().value(value).constant.dims(), rank);
  // Without the first dim, a 1, which broadcasting puts back.
  return join_places(value, block_places(facts_, blocks), {dims.begin() + 1, dims.end()});
}

}  // namespace braid
