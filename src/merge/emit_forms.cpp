// Conversions of the Emitter between the forms of a value. Reshape where the memory is the same,
// Transpose where it is not, Concat and Split at the border to separate values.

#include <algorithm>

#include "braid/error.hpp"
#include "merge/emitter.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

bool has_known_size(const Shape& shape, int axis) {
  return axis < static_cast<int>(shape.size()) && shape[static_cast<std::size_t>(axis)].is_known();
}

Ints counted(int from, int to) {
  Ints result;
  for (int i = from; i < to; ++i)
    result.push_back(i);
  return result;
}

}  // namespace

ValueId Emitter::stacked(ValueId value, const Form& form) {
  State& known = state(value);
  if (const auto found = known.forms.find(form); found != known.forms.end()) return found->second;
  if (facts_.kinds[static_cast<std::size_t>(value)] == Kind::Uniform) return expanded(value, form);
  const ValueId id = is_constant(value)
                         ? stacked_constant(value, form, static_cast<int>(logical(value).size()))
                         : convert(value, form);
  return state(value).forms[form] = id;
}

ValueId Emitter::padded(ValueId value, const Form& form, int rank) {
  const int own_rank = static_cast<int>(logical(value).size());
  if (own_rank == rank) return stacked(value, form);
  if (own_rank > rank) {
    throw Error(ErrorKind::BadInput, "value '" + facts_.graph().value(value).name + "' has rank " +
                                         std::to_string(own_rank) +
                                         ", but what is computed of it is declared with rank " +
                                         std::to_string(rank) +
                                         "; correct the shapes that the models declare");
  }
  const auto key = std::make_pair(form, rank);
  if (const auto found = state(value).padded.find(key); found != state(value).padded.end()) {
    return found->second;
  }
  ValueId id = kAbsent;
  if (is_constant(value)) {
    const bool in_blocks =
        form.is_folded() && form.blocks > 1 && facts_.is_constant_on_blocks(value, form.blocks);
    id = in_blocks ? padded_blocks(value, form.blocks, rank) : stacked_constant(value, form, rank);
  } else {
    // [M, d...] -> [M, 1..., d...], and from there as a value of the higher rank.
    Shape shape = logical(value);
    const int missing = rank - own_rank;
    shape.insert(shape.begin(), static_cast<std::size_t>(missing), Dim::known(1));
    id = unsqueeze(stacked(value, Form::front()), counted(1, 1 + missing));
    id = change_form(id, Form::front(), form, shape, value);
  }
  return state(value).padded[key] = id;
}

ValueId Emitter::uniform_beside(ValueId value, const Form& form, int rank) {
  const int own_rank = static_cast<int>(logical(value).size());
  const bool has_channels = own_rank >= rank - 1 && rank >= 2;
  if (form.is_folded() && form.blocks > 1 && has_channels && is_constant(value)) {
    // The channels of every block, behind which broadcasting puts the batch.
    const Tensor& constant = facts_.graph().value(value).constant;
    Ints dims = constant.dims();
    if (own_rank == rank) dims.erase(dims.begin());
    if (dims[0] != 1) {
      const Ints once(static_cast<std::size_t>(form.blocks), 0);
      return merged().repeat({constant.reshaped(dims)}, once, facts_.graph().value(value).name);
    }
  }
  const ValueId id = uniform(value);
  // Only second has its member axis between dims that a full-rank operand has.
  if (form != Form::second() || own_rank < rank) return id;
  return unsqueeze(id, {1});
}

ValueId Emitter::operand(ValueId value, const Form& form, int rank) {
  const bool is_uniform = facts_.kinds[static_cast<std::size_t>(value)] == Kind::Uniform;
  return is_uniform ? uniform_beside(value, form, rank) : padded(value, form, rank);
}

ValueId Emitter::expanded(ValueId value, const Form& form) {
  const int rank = static_cast<int>(logical(value).size());
  Ints target(static_cast<std::size_t>(rank) + 1, 1);
  target[0] = members();
  // Expand came with opset 8; with repeats, Tile does the same.
  constexpr std::int64_t kExpandSince = 8;
  const std::string op = opset() >= kExpandSince ? "Expand" : "Tile";
  const ValueId front = add(op, {unsqueeze(uniform(value), {0}), ints(target)});
  state(value).forms[Form::front()] = front;
  const ValueId id = change_form(front, Form::front(), form, logical(value), value);
  return state(value).forms[form] = id;
}

ValueId Emitter::convert(ValueId value, const Form& form) {
  if (state(value).forms.empty()) {
    BRAID_ASSERT(!state(value).separate.empty(), "a value is defined before it is read");
    stack_separate(value, form);
  }
  const auto& forms = state(value).forms;
  if (const auto found = forms.find(form); found != forms.end()) return found->second;
  // Prefer what has the same memory.
  const Form last = Form::folded(members());
  const Form twin = form == Form::front()     ? Form::folded(1)
                    : form == Form::folded(1) ? Form::front()
                    : form == Form::second()  ? last
                    : form == last            ? Form::second()
                                              : form;
  if (const auto found = forms.find(twin); found != forms.end()) {
    return change_form(found->second, twin, form, logical(value), value);
  }
  const auto [from, id] = *forms.begin();
  return change_form(id, from, form, logical(value), value);
}

ValueId Emitter::change_form(ValueId id, const Form& from, const Form& to, const Shape& shape,
                             ValueId value) {
  if (from == to) return id;
  const int rank = static_cast<int>(shape.size());
  const int m = members();
  const auto reshaped = [&](ValueId source, const std::vector<FormDim>& source_dims,
                            const std::vector<FormDim>& target_dims) {
    return reshape_to(source, source_dims, target_dims, shape, value);
  };
  const auto dims = [&](const Form& form) { return form_dims(form, rank, m); };
  const Form last = Form::folded(m);
  const bool is_front_memory = from == Form::front() || from == Form::folded(1);
  const bool is_second_memory = from == Form::second() || from == last;
  const bool to_front_memory = to == Form::front() || to == Form::folded(1);
  const bool to_second_memory = to == Form::second() || to == last;
  const bool is_batch_one = rank > 0 && has_known_size(shape, 0) && shape[0].size == 1;
  if ((is_front_memory && to_front_memory) || (is_second_memory && to_second_memory) ||
      (is_batch_one && (is_front_memory || is_second_memory) &&
       (to_front_memory || to_second_memory))) {
    return reshaped(id, dims(from), dims(to));
  }
  // Through front: [q, N, k, C, ...] <-> [k, q, N, C, ...] with k blocks of q members.
  const auto blocks_apart = [&](int k) {
    std::vector<FormDim> apart = {{m / k, -1}, {1, 0}, {k, -1}};
    for (int axis = 1; axis < rank; ++axis)
      apart.push_back({1, axis});
    return apart;
  };
  const auto members_apart = [&](int k) {
    std::vector<FormDim> apart = {{k, -1}, {m / k, -1}};
    for (int axis = 0; axis < rank; ++axis)
      apart.push_back({1, axis});
    return apart;
  };
  if (from == Form::second()) {
    Ints perm = counted(0, rank + 1);
    std::swap(perm[0], perm[1]);
    return change_form(transpose(id, perm), Form::front(), to, shape, value);
  }
  if (from == last) {
    return change_form(reshaped(id, dims(last), dims(Form::second())), Form::second(), to, shape,
                       value);
  }
  if (!is_front_memory) {
    Ints perm = {2, 0, 1};
    for (int i = 3; i < rank + 2; ++i)
      perm.push_back(i);
    id = transpose(reshaped(id, dims(from), blocks_apart(from.blocks)), perm);
    id = reshaped(id, members_apart(from.blocks), dims(Form::front()));
    return change_form(id, Form::front(), to, shape, value);
  }
  id = change_form(id, from, Form::front(), shape, value);
  if (to_second_memory) {
    Ints perm = counted(0, rank + 1);
    std::swap(perm[0], perm[1]);
    return change_form(transpose(id, perm), Form::second(), to, shape, value);
  }
  Ints perm = {1, 2, 0};
  for (int i = 3; i < rank + 2; ++i)
    perm.push_back(i);
  id = transpose(reshaped(id, dims(Form::front()), members_apart(to.blocks)), perm);
  return reshaped(id, blocks_apart(to.blocks), dims(to));
}

ValueId Emitter::reshape_to(ValueId id, std::vector<FormDim> from, std::vector<FormDim> to,
                            const Shape& shape, ValueId value) {
  const auto target_of = [&](Ints& target) {
    int unknown = 0;
    target.clear();
    for (std::size_t i = 0; i < to.size(); ++i) {
      const auto size = known_size(to[i], shape);
      const bool is_same = i < from.size() && from[i] == to[i];
      target.push_back(is_same ? 0 : size.value_or(-1));
      if (!is_same && !size) ++unknown;
    }
    return unknown <= 1;
  };
  Ints target;
  if (target_of(target)) return reshape(id, target);
  // Dims that stay may stand at the same place once a 1 is put in front of the shorter side.
  std::size_t squeezed = 0;
  if (from.size() < to.size()) {
    const std::size_t missing = to.size() - from.size();
    from.insert(from.begin(), missing, FormDim{1, -1});
    if (target_of(target)) {
      return reshape(unsqueeze(id, counted(0, static_cast<int>(missing))), target);
    }
  } else if (to.size() < from.size()) {
    squeezed = from.size() - to.size();
    to.insert(to.begin(), squeezed, FormDim{1, -1});
    if (target_of(target)) {
      return squeeze(reshape(id, target), counted(0, static_cast<int>(squeezed)));
    }
    to.erase(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(squeezed));
  }
  return add("Reshape", {id, runtime_target(to, shape, value)});
}

ValueId Emitter::runtime_target(const std::vector<FormDim>& to, const Shape& shape, ValueId value) {
  Ints sizes;
  for (const FormDim& dim : to) {
    if (const auto size = known_size(dim, shape)) sizes.push_back(*size);
  }
  if (sizes.size() == to.size()) return ints(sizes);
  BRAID_ASSERT(value != kAbsent, "dims of constants are known");
  const auto rank = static_cast<std::int64_t>(shape.size());
  Ints places;
  Ints factors;
  for (const FormDim& dim : to) {
    places.push_back(dim.axis < 0 ? rank : dim.axis);
    factors.push_back(dim.factor);
  }
  const ValueId table = concat({logical_dims(value), ints({1})}, 0);
  return add("Mul", {gather(table, ints(places), 0), ints(factors)});
}

ValueId Emitter::logical_dims(ValueId value) {
  constexpr std::int64_t kShapeHasStart = 15;
  if (state(value).dims != kAbsent) return state(value).dims;
  if (const auto dims = known_dims(facts_.graph(), value)) return ints(*dims);
  const State& known = state(value);
  ValueId id = kAbsent;
  if (is_constant(value)) {
    id = ints(facts_.graph().value(value).constant.dims());
  } else if (known.uniform != kAbsent) {
    id = add("Shape", {known.uniform});
  } else if (!known.separate.empty()) {
    id = add("Shape", {known.separate[0]});
  } else if (const auto front = known.forms.find(Form::front());
             front != known.forms.end() && opset() >= kShapeHasStart) {
    Attributes attributes;
    attributes.set("start", std::int64_t{1});
    id = add("Shape", {front->second}, std::move(attributes));
  } else {
    BRAID_ASSERT(!known.forms.empty(), "a value is defined before its dims are read");
    const auto [form, tensor] = *known.forms.begin();
    const int rank = static_cast<int>(logical(value).size());
    Ints places;
    Ints factors;
    const std::vector<FormDim> dims = form_dims(form, rank, members());
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (dims[i].axis < 0) continue;
      places.push_back(static_cast<std::int64_t>(i));
      factors.push_back(dims[i].factor);
    }
    id = add("Shape", {tensor});
    if (form.is_folded()) {
      id = add("Div", {id, ints(factors)});
    } else {
      id = gather(id, ints(places), 0);
    }
  }
  return state(value).dims = id;
}

// Stacking must notice members that run at different sizes, which Concat does for every axis but
// its own: so that is one whose size is known, or a new one.
void Emitter::stack_separate(ValueId value, const Form& wanted) {
  std::vector<ValueId> parts;
  for (const std::size_t member : facts_.order)
    parts.push_back(state(value).separate[member]);
  const Shape& shape = logical(value);
  const int rank = static_cast<int>(shape.size());
  const bool wants_second = wanted == Form::second() || wanted == Form::folded(members());
  if (wants_second && has_known_size(shape, 1)) {
    state(value).forms[Form::folded(members())] = concat(parts, 1);
    return;
  }
  if (has_known_size(shape, 0)) {
    state(value).forms[Form::folded(1)] = concat(parts, 0);
    return;
  }
  int axis = rank - 1;
  while (axis > 0 && !has_known_size(shape, axis))
    --axis;
  constexpr int kWorthTransposing = 4;  // Concat, Reshape, Transpose against one node per member
  if (axis <= 0 || members() < kWorthTransposing) {
    for (ValueId& part : parts)
      part = unsqueeze(part, {0});
    state(value).forms[Form::front()] = concat(parts, 0);
    return;
  }
  if (axis == 1) {
    state(value).forms[Form::folded(members())] = concat(parts, 1);
    return;
  }
  // [.., M*d, ..] -> [.., M, d, ..] -> [M, .., d, ..]
  std::vector<FormDim> from = form_dims(Form::folded(1), rank, members());
  from[0].factor = 1;
  std::vector<FormDim> to = from;
  from[static_cast<std::size_t>(axis)].factor = members();
  to.insert(to.begin() + axis, FormDim{members(), -1});
  Ints perm = {axis};
  for (int i = 0; i <= rank; ++i) {
    if (i != axis) perm.push_back(i);
  }
  const ValueId joined = concat(parts, axis);
  state(value).forms[Form::front()] = transpose(reshape_to(joined, from, to, shape, value), perm);
}

const std::vector<ValueId>& Emitter::separate(ValueId value) {
  State& known = state(value);
  if (!known.separate.empty()) return known.separate;
  std::vector<ValueId> ids(static_cast<std::size_t>(members()), kAbsent);
  if (facts_.kinds[static_cast<std::size_t>(value)] == Kind::Uniform) {
    ids.assign(ids.size(), uniform(value));
    return state(value).separate = std::move(ids);
  }
  std::vector<ValueId> parts;
  if (is_constant(value)) {
    for (int p = 0; p < members(); ++p) {
      parts.push_back(constant(slice(value, p), facts_.graph().value(value).name));
    }
  } else {
    parts = unstack(value);
  }
  for (std::size_t p = 0; p < parts.size(); ++p)
    ids[facts_.order[p]] = parts[p];
  return state(value).separate = std::move(ids);
}

std::vector<ValueId> Emitter::unstack(ValueId value) {
  const auto has = [&](const Form& form) { return state(value).forms.contains(form); };
  const int rank = static_cast<int>(logical(value).size());
  const bool is_second = (has(Form::second()) || has(Form::folded(members()))) &&
                         !has(Form::front()) && !has(Form::folded(1));
  if (is_second && rank >= 2) return split(stacked(value, Form::folded(members())), 1, members());
  if (rank >= 1) return split(stacked(value, Form::folded(1)), 0, members());
  std::vector<ValueId> parts = split(stacked(value, Form::front()), 0, members());
  for (ValueId& part : parts)
    part = squeeze(part, {0});
  return parts;
}

}  // namespace braid
