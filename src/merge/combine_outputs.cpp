#include "merge/combine_outputs.hpp"

#include <numeric>

#include "braid/error.hpp"
#include "merge/node_builder.hpp"

namespace braid {
namespace {

ValueId weighted_mean(NodeBuilder& builder, const std::vector<ValueId>& ids, DType dtype,
                      const std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<ValueId> parts;
  for (std::size_t m = 0; m < ids.size(); ++m) {
    ValueId weight = builder.constant(Tensor::of<double>({}, {weights[m] / sum}), "weight");
    if (dtype != DType::Float64) weight = builder.cast(weight, dtype);
    parts.push_back(builder.add("Mul", {ids[m], weight}));
  }
  return builder.add("Sum", std::move(parts));
}

ValueId index_of_largest(NodeBuilder& builder, ValueId id, std::int64_t axis, bool keeps_dims) {
  Attributes attributes;
  attributes.set("axis", axis);
  attributes.set("keepdims", std::int64_t{keeps_dims ? 1 : 0});
  return builder.add("ArgMax", {id}, std::move(attributes));
}

// The label that most members give; of several, that of the first member. Labels of floats are
// the indices of the largest value along the last axis.
ValueId vote(NodeBuilder& builder, const std::vector<ValueId>& ids, DType dtype) {
  std::vector<ValueId> labels;
  for (const ValueId id : ids) {
    const ValueId label = is_float(dtype) ? index_of_largest(builder, id, -1, false) : id;
    labels.push_back(builder.unsqueeze(label, {0}));
  }
  const ValueId all = builder.concat(std::move(labels), 0);  // [M, ...]
  const ValueId same =                                       // [M, M, ...]
      builder.add("Equal", {builder.unsqueeze(all, {1}), builder.unsqueeze(all, {0})});
  const ValueId votes = builder.reduce_sum(builder.cast(same, DType::Float32), {1}, false);
  const ValueId winner = index_of_largest(builder, votes, 0, true);  // [1, ...]
  return builder.squeeze(builder.add("GatherElements", {all, winner}), {0});
}

[[noreturn]] void fail(const std::string& what, const Type& type, const std::string& cause) {
  throw Error(ErrorKind::CannotMerge,
              "output '" + what + "' (" + to_string(type) + ") cannot be combined: " + cause);
}

// The last dim of the outputs side by side.
Dim joined_dim(const std::vector<MemberOutput>& outputs) {
  Dim sum = Dim::known(0);
  for (const MemberOutput& output : outputs) {
    if (!output.type.shape || !output.type.shape->back().is_known()) return {};
    sum.size += output.type.shape->back().size;
  }
  return sum;
}

void check(const Type& type, Combination combination, const std::vector<double>& weights,
           const std::string& what) {
  if (type.kind != Type::Kind::Tensor || !type.shape)
    fail(what, type, "it must be a tensor of known rank");
  const bool is_mean = combination == Combination::Mean || combination == Combination::Weighted;
  if (is_mean && !is_float(type.dtype))
    fail(what, type, "a mean needs floats; --combine vote takes labels");
  const bool needs_last = combination == Combination::Concat || (!is_mean && is_float(type.dtype));
  if (needs_last && type.shape->empty()) fail(what, type, "there is no last axis");
  const bool has_weight = std::accumulate(weights.begin(), weights.end(), 0.0) > 0;
  if (combination == Combination::Weighted && !has_weight)
    fail(what, type, "the weights of the members add up to 0");
}

Type combined_type(const std::vector<MemberOutput>& outputs, Combination combination) {
  Type type = outputs[0].type;
  if (combination == Combination::Concat) type.shape->back() = joined_dim(outputs);
  if (combination != Combination::Vote || !is_float(type.dtype)) return type;
  type.shape->pop_back();
  type.dtype = DType::Int64;
  return type;
}

ValueId combine(NodeBuilder& builder, std::vector<ValueId> ids, DType dtype,
                Combination combination, const std::vector<double>& weights) {
  switch (combination) {
    case Combination::Mean:
      return builder.add("Mean", std::move(ids));
    case Combination::Weighted:
      return weighted_mean(builder, ids, dtype, weights);
    case Combination::Vote:
      return vote(builder, ids, dtype);
    case Combination::Concat:
      return builder.concat(std::move(ids), -1);
    case Combination::None:
      break;
  }
  return kAbsent;
}

}  // namespace

MemberOutput combine_outputs(MergedGraph& merged, const std::vector<MemberOutput>& outputs,
                             Combination combination, const std::vector<double>& weights,
                             const std::string& what) {
  const Type& type = outputs[0].type;
  check(type, combination, weights, what);
  std::vector<ValueId> ids;
  for (const MemberOutput& output : outputs)
    ids.push_back(output.id);
  NodeBuilder builder(merged, "combine/" + what);
  const std::size_t first = merged.graph.nodes.size();
  const ValueId combined = combine(builder, std::move(ids), type.dtype, combination, weights);
  merged.mark_nodes(first, "combination");
  return {combined, combined_type(outputs, combination)};
}

}  // namespace braid
