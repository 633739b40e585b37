#include "plan/attention_layout.hpp"

namespace braid {
namespace {

using Dims = AttentionLayout::Dims;
using Matrices = AttentionLayout::Matrices;

void append(Dims& list, const Matrices& at) {
  list.insert(list.end(), {at.offset, at.row, at.column});
  list.insert(list.end(), at.batch.begin(), at.batch.end());
}

// The matrices number `index` of a list, for a batch of `rank` dims.
Matrices matrices_of(const Dims& list, std::size_t index, std::size_t rank) {
  const auto from = list.begin() + static_cast<std::ptrdiff_t>(index * (rank + 3));
  return {from[0], from[1], from[2], Dims(from + 3, from + 3 + static_cast<std::ptrdiff_t>(rank))};
}

}  // namespace

Attributes AttentionLayout::to_attributes() const {
  Dims operands;
  for (const Matrices* at : {&q, &k, &v, &y})
    append(operands, *at);
  std::vector<float> factors;
  for (const Addend& addend : addends) {
    append(operands, addend.at);
    factors.push_back(addend.factor);
  }
  Attributes attributes;
  attributes.set("batch", batch);
  attributes.set("sizes", Dims{rows, keys, width, value_width});
  attributes.set("operands", operands);
  attributes.set("factors", factors);
  attributes.set("scale", scale);
  attributes.set("is_guarded", std::int64_t{is_guarded ? 1 : 0});
  return attributes;
}

AttentionLayout AttentionLayout::of(const Attributes& attributes) {
  AttentionLayout result;
  result.batch = attributes.get_ints("batch");
  const Dims sizes = attributes.get_ints("sizes");
  const Dims operands = attributes.get_ints("operands");
  const std::vector<float> factors = attributes.get_floats("factors");
  result.rows = sizes[0];
  result.keys = sizes[1];
  result.width = sizes[2];
  result.value_width = sizes[3];
  std::size_t next = 0;
  for (Matrices* at : {&result.q, &result.k, &result.v, &result.y})
    *at = matrices_of(operands, next++, result.batch.size());
  for (const float factor : factors)
    result.addends.push_back({matrices_of(operands, next++, result.batch.size()), factor});
  result.scale = attributes.get_float("scale", 1.0F);
  result.is_guarded = attributes.get_int("is_guarded", 0) != 0;
  return result;
}

}  // namespace braid
