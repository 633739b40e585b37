#include "merge/combine_outputs.hpp"

#include <numeric>

#include "braid/error.hpp"

namespace braid {
namespace {

class Combiner {
 public:
  Combiner(MergedGraph& merged, const std::string& what) : merged_(merged), what_(what) {}

  ValueId mean(const std::vector<ValueId>& ids) { return add("Mean", ids); }

  ValueId weighted(const std::vector<ValueId>& ids, const Type& type,
                   const std::vector<double>& weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<ValueId> parts;
    for (std::size_t m = 0; m < ids.size(); ++m) {
      ValueId weight = constant(Tensor::of<double>({}, {weights[m] / sum}));
      if (type.dtype != DType::Float64) {
        Attributes to;
        to.set("to", static_cast<std::int64_t>(type.dtype));
        weight = add("Cast", {weight}, std::move(to));
      }
      parts.push_back(add("Mul", {ids[m], weight}));
    }
    return add("Sum", parts);
  }

  ValueId joined(const std::vector<ValueId>& ids) {
    Attributes attributes;
    attributes.set("axis", std::int64_t{-1});
    return add("Concat", ids, std::move(attributes));
  }

  // The label that most members give; of several, that of the first member. Labels of floats are
  // the indices of the largest value along the last axis.
  ValueId vote(const std::vector<ValueId>& ids, const Type& type) {
    std::vector<ValueId> labels;
    for (const ValueId id : ids) {
      ValueId label = is_float(type.dtype) ? largest(id, -1, false) : id;
      labels.push_back(unsqueeze(label, {0}));
    }
    const ValueId all = joined_in_front(labels);                                    // [M, ...]
    const ValueId same = add("Equal", {unsqueeze(all, {1}), unsqueeze(all, {0})});  // [M, M, ...]
    Attributes to;
    to.set("to", static_cast<std::int64_t>(DType::Float32));
    const ValueId votes = add("Cast", {same}, std::move(to));
    Attributes reduce;
    reduce.set("keepdims", std::int64_t{0});
    const ValueId count = merged_.opset >= kAxesAreInputs
                              ? add("ReduceSum", {votes, ints({1})}, std::move(reduce))
                              : add("ReduceSum", {votes}, with_axes(std::move(reduce), {1}));
    const ValueId winner = largest(count, 0, true);  // [1, ...]
    return squeeze(add("GatherElements", {all, winner}), {0});
  }

 private:
  static constexpr std::int64_t kAxesAreInputs = 13;

  static Attributes with_axes(Attributes attributes, std::vector<std::int64_t> axes) {
    attributes.set("axes", std::move(axes));
    return attributes;
  }

  ValueId constant(Tensor tensor) { return merged_.constant(std::move(tensor), "combination"); }

  ValueId ints(const std::vector<std::int64_t>& values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return constant(Tensor::of<std::int64_t>({count}, values));
  }

  ValueId largest(ValueId id, std::int64_t axis, bool keeps_dims) {
    Attributes attributes;
    attributes.set("axis", axis);
    attributes.set("keepdims", std::int64_t{keeps_dims ? 1 : 0});
    return add("ArgMax", {id}, std::move(attributes));
  }

  ValueId joined_in_front(const std::vector<ValueId>& ids) {
    Attributes attributes;
    attributes.set("axis", std::int64_t{0});
    return add("Concat", ids, std::move(attributes));
  }

  ValueId unsqueeze(ValueId id, const std::vector<std::int64_t>& axes) {
    return merged_.opset >= kAxesAreInputs ? add("Unsqueeze", {id, ints(axes)})
                                           : add("Unsqueeze", {id}, with_axes({}, axes));
  }

  ValueId squeeze(ValueId id, const std::vector<std::int64_t>& axes) {
    return merged_.opset >= kAxesAreInputs ? add("Squeeze", {id, ints(axes)})
                                           : add("Squeeze", {id}, with_axes({}, axes));
  }

  ValueId add(const std::string& op_type, std::vector<ValueId> inputs, Attributes attributes = {}) {
    Node& node = merged_.graph.nodes.emplace_back();
    node.op_type = op_type;
    node.name = merged_.node_names.unique("combine/" + what_ + "/" + op_type);
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    node.metadata.emplace_back("braid.rule", "combination");
    const ValueId id = merged_.graph.add_value(merged_.names.unique("combine/" + op_type));
    node.outputs = {id};
    return id;
  }

  MergedGraph& merged_;
  const std::string& what_;
};

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

}  // namespace

std::string combination_name(Combination combination) {
  switch (combination) {
    case Combination::Mean:
      return "mean";
    case Combination::Weighted:
      return "weighted";
    case Combination::Vote:
      return "vote";
    case Combination::Concat:
      return "concat";
    case Combination::None:
      break;
  }
  return "none";
}

MemberOutput combine_outputs(MergedGraph& merged, const std::vector<MemberOutput>& outputs,
                             Combination combination, const std::vector<double>& weights,
                             const std::string& what) {
  Type type = outputs[0].type;
  if (type.kind != Type::Kind::Tensor || !type.shape)
    fail(what, type, "it must be a tensor of known rank");
  const bool is_mean = combination == Combination::Mean || combination == Combination::Weighted;
  if (is_mean && !is_float(type.dtype))
    fail(what, type, "a mean needs floats; --combine vote takes labels");
  const bool needs_last = combination == Combination::Concat || (!is_mean && is_float(type.dtype));
  if (needs_last && type.shape->empty()) fail(what, type, "there is no last axis");
  std::vector<ValueId> ids;
  for (const MemberOutput& output : outputs)
    ids.push_back(output.id);
  Combiner combiner(merged, what);
  switch (combination) {
    case Combination::Mean:
      return {combiner.mean(ids), type};
    case Combination::Weighted:
      if (std::accumulate(weights.begin(), weights.end(), 0.0) <= 0)
        fail(what, type, "the weights of the members add up to 0");
      return {combiner.weighted(ids, type, weights), type};
    case Combination::Vote: {
      const ValueId winner = combiner.vote(ids, type);
      if (!is_float(type.dtype)) return {winner, type};
      type.shape->pop_back();
      type.dtype = DType::Int64;
      return {winner, type};
    }
    case Combination::Concat:
      type.shape->back() = joined_dim(outputs);
      return {combiner.joined(ids), type};
    case Combination::None:
      break;
  }
  return {kAbsent, type};
}

}  // namespace braid
