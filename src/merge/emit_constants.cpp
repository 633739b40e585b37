// Constants of the Emitter: stacked, in blocks, and each distinct one stored once.
//
// Weights whose share classes are no blocks of consecutive members are stored as the stack of the
// distinct ones, and a Gather repeats them: the file holds no byte twice, any runtime computes the
// right thing, and an executor that knows the pattern need not materialise it.

#include <algorithm>

#include "merge/emitter.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

// What the first number of a key says.
constexpr std::int64_t kWhole = 0;
constexpr std::int64_t kConcatenation = 1;

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

ValueId Emitter::stored(const std::vector<std::int64_t>& key, const std::string& hint,
                        const std::function<Tensor()>& make) {
  const auto found = merged_.constants.find(key);
  if (found != merged_.constants.end()) return found->second;
  const ValueId id = merged_.graph.add_constant(merged_.names.unique(hint), make());
  merged_.constants.emplace(key, id);
  return id;
}

ValueId Emitter::constant(Tensor tensor, const std::string& hint) {
  const int content = merged_.contents.id_of(tensor);
  return stored({kWhole, content}, hint, [&] { return tensor; });
}

Tensor Emitter::slice(ValueId value, int place) const {
  const std::size_t member = facts_.order[static_cast<std::size_t>(place)];
  const ValueId id = facts_.group->value_of(member, value);
  return facts_.group->models[member]->graph.value(id).constant;
}

ValueId Emitter::stored_concatenation(ValueId value, const std::vector<int>& places,
                                      const std::vector<std::int64_t>& dims, int axis) {
  const ShareClasses& classes = facts_.classes[static_cast<std::size_t>(value)];
  std::vector<std::int64_t> key = {kConcatenation, axis};
  key.insert(key.end(), dims.begin(), dims.end());
  key.push_back(-1);
  for (const int place : places) {
    key.push_back(classes.contents[facts_.order[static_cast<std::size_t>(place)]]);
  }
  return stored(key, facts_.graph().value(value).name, [&] {
    std::vector<Tensor> parts;
    for (const int place : places)
      parts.push_back(slice(value, place).reshaped(dims));
    return parts.size() == 1 ? parts[0] : Tensor::concatenation(std::move(parts), axis);
  });
}

// One slice per place in `places`, stacked in front of `dims`; equal slices are stored once.
ValueId Emitter::stack_places(ValueId value, const std::vector<int>& places,
                              const std::vector<std::int64_t>& dims) {
  const ShareClasses& classes = facts_.classes[static_cast<std::size_t>(value)];
  std::vector<int> distinct;          // the first place of each class
  std::vector<std::int64_t> indices;  // into distinct
  for (const int place : places) {
    const auto class_at = [&](int p) {
      return classes.class_of[facts_.order[static_cast<std::size_t>(p)]];
    };
    const auto found = std::find_if(distinct.begin(), distinct.end(),
                                    [&](int p) { return class_at(p) == class_at(place); });
    indices.push_back(found - distinct.begin());
    if (found == distinct.end()) distinct.push_back(place);
  }
  std::vector<std::int64_t> slice_dims = dims;
  slice_dims.insert(slice_dims.begin(), 1);
  const ValueId stack = stored_concatenation(value, distinct, slice_dims, 0);
  if (distinct.size() == places.size()) return stack;
  return gather(stack, ints(indices), 0);
}

ValueId Emitter::stacked_constant(ValueId value, const Form& form, int rank) {
  const Tensor& exemplar = facts_.graph().value(value).constant;
  const std::vector<std::int64_t> dims = with_leading_ones(exemplar.dims(), rank);
  std::vector<int> places(static_cast<std::size_t>(members()));
  for (std::size_t p = 0; p < places.size(); ++p)
    places[p] = static_cast<int>(p);
  const bool are_distinct = facts_.classes[static_cast<std::size_t>(value)].count == members();
  // Concatenated along the second axis, the slices are the tensor in folded(M) (and, if the first
  // dim is 1, in second up to its dims) without any node.
  if (are_distinct && form == Form::folded(members())) {
    return stored_concatenation(value, places, dims, 1);
  }
  if (are_distinct && form == Form::folded(1)) return stored_concatenation(value, places, dims, 0);
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
  std::vector<int> places;
  for (int block = 0; block < blocks; ++block)
    places.push_back(block * (members() / blocks));
  return stack_places(value, places,
                      with_leading_ones(facts_.graph().value(value).constant.dims(), rank));
}

namespace {

// By place of the member axis: the share class, numbered by first occurrence along that axis.
std::vector<std::int64_t> classes_by_place(const GroupFacts& facts, ValueId value,
                                           std::vector<int>& first_places) {
  const std::vector<int>& class_of = facts.classes[static_cast<std::size_t>(value)].class_of;
  std::vector<std::int64_t> indices;
  std::map<int, std::int64_t> number;
  for (std::size_t place = 0; place < facts.order.size(); ++place) {
    const auto [it, is_new] = number.emplace(class_of[facts.order[place]],
                                             static_cast<std::int64_t>(first_places.size()));
    if (is_new) first_places.push_back(static_cast<int>(place));
    indices.push_back(it->second);
  }
  return indices;
}

}  // namespace

ValueId Emitter::distinct(ValueId value, int rank) {
  std::vector<int> places;
  classes_by_place(facts_, value, places);
  return stack_places(value, places,
                      with_leading_ones(facts_.graph().value(value).constant.dims(), rank));
}

ValueId Emitter::repeated(ValueId id, ValueId value) {
  std::vector<int> places;
  const std::vector<std::int64_t> indices = classes_by_place(facts_, value, places);
  if (places.size() == indices.size()) return id;
  return gather(id, ints(indices), 0);
}

ValueId Emitter::joined_blocks(ValueId value, int blocks, int axis) {
  BRAID_ASSERT(facts_.is_constant_on_blocks(value, blocks), "a block lies within a share class");
  if (facts_.classes[static_cast<std::size_t>(value)].count == 1 && blocks == 1) {
    return uniform(value);
  }
  const std::vector<std::int64_t> dims = facts_.graph().value(value).constant.dims();
  std::vector<int> places;
  for (int block = 0; block < blocks; ++block)
    places.push_back(block * (members() / blocks));
  if (facts_.classes[static_cast<std::size_t>(value)].count == blocks) {
    return stored_concatenation(value, places, dims, axis);
  }
  // Some blocks are equal: stacked, the blocks moved before the axis, and merged with it.
  ValueId id = stack_places(value, places, dims);
  if (axis > 0) {
    std::vector<std::int64_t> perm;
    for (int i = 1; i <= axis; ++i)
      perm.push_back(i);
    perm.push_back(0);
    for (int i = axis + 1; i <= static_cast<int>(dims.size()); ++i)
      perm.push_back(i);
    id = transpose(id, perm);
  }
  std::vector<std::int64_t> target = dims;
  target[static_cast<std::size_t>(axis)] *= blocks;
  return reshape(id, target);
}

ValueId Emitter::padded_blocks(ValueId value, int blocks, int rank) {
  const std::vector<std::int64_t> dims =
      with_leading_ones(facts_.graph().value(value).constant.dims(), rank);
  std::vector<int> places;
  for (int block = 0; block < blocks; ++block)
    places.push_back(block * (members() / blocks));
  if (facts_.classes[static_cast<std::size_t>(value)].count == blocks) {
    return stored_concatenation(value, places, dims, 1);
  }
  const ValueId front = stack_places(value, places, dims);  // [k, 1, d1, ...]
  std::vector<std::int64_t> target = dims;
  target[1] *= blocks;
  return reshape(front, target);
}

}  // namespace braid
