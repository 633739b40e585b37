#include "merge/node_builder.hpp"

namespace braid {
namespace {

constexpr std::int64_t kAxesAreInputs = 13;  // of ReduceSum, Split, Squeeze, Unsqueeze
constexpr std::int64_t kSplitCounts = 18;    // since then Split names the number of equal parts

}  // namespace

void NodeBuilder::define_values(const std::vector<ValueId>& outputs, const std::string& op_type,
                                std::vector<ValueId> inputs, Attributes attributes) {
  Node& node = merged_.graph.nodes.emplace_back();
  node.op_type = op_type;
  node.name = merged_.node_names.unique(hint_ + "/" + op_type);
  node.inputs = std::move(inputs);
  node.outputs = outputs;
  node.attributes = std::move(attributes);
}

ValueId NodeBuilder::add(const std::string& op_type, std::vector<ValueId> inputs,
                         Attributes attributes) {
  const ValueId id = merged_.graph.add_value(merged_.names.unique(hint_ + "/" + op_type));
  define_values({id}, op_type, std::move(inputs), std::move(attributes));
  return id;
}

ValueId NodeBuilder::ints(const std::vector<std::int64_t>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(Tensor::of<std::int64_t>({count}, values), "ints");
}

ValueId NodeBuilder::reshape(ValueId id, const std::vector<std::int64_t>& target) {
  return add("Reshape", {id, ints(target)});
}

ValueId NodeBuilder::transpose(ValueId id, const std::vector<std::int64_t>& perm) {
  Attributes attributes;
  attributes.set("perm", perm);
  return add("Transpose", {id}, std::move(attributes));
}

ValueId NodeBuilder::with_axes(const std::string& op_type, ValueId id,
                               const std::vector<std::int64_t>& axes, Attributes attributes) {
  if (opset() >= kAxesAreInputs) return add(op_type, {id, ints(axes)}, std::move(attributes));
  attributes.set("axes", axes);
  return add(op_type, {id}, std::move(attributes));
}

ValueId NodeBuilder::unsqueeze(ValueId id, const std::vector<std::int64_t>& axes) {
  return with_axes("Unsqueeze", id, axes);
}

ValueId NodeBuilder::squeeze(ValueId id, const std::vector<std::int64_t>& axes) {
  return with_axes("Squeeze", id, axes);
}

ValueId NodeBuilder::reduce_sum(ValueId id, const std::vector<std::int64_t>& axes,
                                bool keeps_dims) {
  Attributes attributes;
  attributes.set("keepdims", std::int64_t{keeps_dims ? 1 : 0});
  return with_axes("ReduceSum", id, axes, std::move(attributes));
}

ValueId NodeBuilder::cast(ValueId id, DType to) {
  Attributes attributes;
  attributes.set("to", static_cast<std::int64_t>(to));
  return add("Cast", {id}, std::move(attributes));
}

ValueId NodeBuilder::concat(std::vector<ValueId> ids, std::int64_t axis) {
  Attributes attributes;
  attributes.set("axis", axis);
  return add("Concat", std::move(ids), std::move(attributes));
}

ValueId NodeBuilder::gather(ValueId id, ValueId indices, std::int64_t axis) {
  Attributes attributes;
  if (axis != 0) attributes.set("axis", axis);
  return add("Gather", {id, indices}, std::move(attributes));
}

std::vector<ValueId> NodeBuilder::split(ValueId id, std::int64_t axis, int count) {
  Attributes attributes;
  attributes.set("axis", axis);
  if (opset() >= kSplitCounts) attributes.set("num_outputs", static_cast<std::int64_t>(count));
  std::vector<ValueId> parts;
  for (int p = 0; p < count; ++p)
    parts.push_back(merged_.graph.add_value(merged_.names.unique(hint_ + "/Split")));
  define_values(parts, "Split", {id}, std::move(attributes));
  return parts;
}

void NodeBuilder::split_into(const std::vector<ValueId>& parts,
                             const std::vector<std::int64_t>& lengths, ValueId id,
                             std::int64_t axis) {
  Attributes attributes;
  attributes.set("axis", axis);
  std::vector<ValueId> inputs = {id};
  if (opset() >= kAxesAreInputs) {
    inputs.push_back(ints(lengths));
  } else {
    attributes.set("split", lengths);
  }
  define_values(parts, "Split", std::move(inputs), std::move(attributes));
}

}  // namespace braid
