#include "merge/site.hpp"

#include <algorithm>

#include "ir/rewrite.hpp"

namespace braid {

bool GroupFacts::is_constant_on_blocks(ValueId id, int blocks) const {
  const std::vector<int>& class_of = classes[static_cast<std::size_t>(id)].class_of;
  const std::size_t length = order.size() / static_cast<std::size_t>(blocks);
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t first = place - place % length;
    if (class_of[order[place]] != class_of[order[first]]) return false;
  }
  return true;
}

bool is_inseparable(DType dtype) {
  switch (dtype) {
    case DType::Float8E4M3FN:
    case DType::Float8E4M3FNUZ:
    case DType::Float8E5M2:
    case DType::Float8E5M2FNUZ:
    case DType::Float8E8M0:
      return true;
    default:
      return dtype_bits(dtype) > 0 && dtype_bits(dtype) < 8;
  }
}

bool GroupFacts::can_be_joined(ValueId id) const {
  const Value& value = graph().value(id);
  if (!is_inseparable(value.type.dtype)) return true;
  const bool are_distinct = classes[static_cast<std::size_t>(id)].count == members();
  return value.is_constant() && are_distinct &&
         value.constant.size() * dtype_bits(value.constant.dtype()) % 8 == 0;
}

int GroupFacts::aligned_blocks(ValueId id) const {
  const int count = classes[static_cast<std::size_t>(id)].count;
  if (count == 0 || members() % count != 0) return 0;
  return is_constant_on_blocks(id, count) ? count : 0;
}

Kind Site::kind(std::size_t i) const {
  return facts_->kind(input(i));
}

bool Site::is_constant(std::size_t i) const {
  return input(i) != kAbsent && facts_->graph().value(input(i)).is_constant();
}

bool Site::are_uniform_from(std::size_t first) const {
  for (std::size_t i = first; i < input_count(); ++i) {
    if (is_stacked(i)) return false;
  }
  return true;
}

const Shape* Site::shape(std::size_t i) const {
  return shape_of(facts_->graph(), input(i));
}

const Shape* Site::output_shape(std::size_t i) const {
  return shape_of(facts_->graph(), output(i));
}

int Site::rank(std::size_t i) const {
  return rank_of(facts_->graph(), input(i)).value_or(-1);
}

int Site::output_rank(std::size_t i) const {
  return rank_of(facts_->graph(), output(i)).value_or(-1);
}

std::optional<std::vector<std::int64_t>> Site::ints(std::size_t i) const {
  if (!is_uniform(i)) return std::nullopt;
  return constant_ints(facts_->graph(), input(i));
}

std::vector<Form> Site::forms(int rank) const {
  std::vector<Form> result = {Form::front(), Form::second()};
  for (const int blocks : facts_->block_counts)
    result.push_back(Form::folded(blocks));
  std::erase_if(result, [&](const Form& form) { return form.minimum_rank() > rank; });
  return result;
}

double Site::bytes(ValueId id) const {
  constexpr double kNominal = 4;  // a symbolic dim is most often the batch
  if (id == kAbsent) return 0;
  const Shape* shape = shape_of(facts_->graph(), id);
  double size = dtype_bits(facts_->graph().value(id).type.dtype) / 8.0;
  if (shape == nullptr) return size;
  for (const Dim& dim : *shape)
    size *= dim.is_known() ? static_cast<double>(dim.size) : kNominal;
  return size;
}

}  // namespace braid
