// Results, nodes and small helpers of the Emitter; forms and constants have files of their own.

#include "merge/emitter.hpp"

#include <utility>

#include "ir/traverse.hpp"
#include "merge/subgraphs.hpp"
#include "support/assert.hpp"

namespace braid {

const Shape& Emitter::logical(ValueId value) const {
  const Shape* shape = shape_of(facts_.graph(), value);
  BRAID_ASSERT(shape != nullptr, "forms other than separate need a known rank");
  return *shape;
}

void Emitter::define(ValueId value, const Form& form, ValueId id) {
  if (value == kAbsent) return;
  BRAID_ASSERT(form != Form::separate(), "separate values are defined by define_separate()");
  state(value).forms[form] = id;
}

void Emitter::redefine(ValueId value, const Form& form, ValueId id) {
  states_.erase(value);
  define(value, form, id);
}

void Emitter::define_uniform(ValueId value, ValueId id) {
  if (value != kAbsent) state(value).uniform = id;
}

void Emitter::define_separate(ValueId value, std::vector<ValueId> ids) {
  if (value != kAbsent) state(value).separate = std::move(ids);
}

ValueId Emitter::uniform(ValueId value) {
  BRAID_ASSERT(value != kAbsent, "an absent input is not read");
  State& known = state(value);
  if (known.uniform != kAbsent) return known.uniform;
  BRAID_ASSERT(is_constant(value), "a uniform value is defined before it is read");
  const std::string& name = facts_.graph().value(value).name;
  const Tensor tensor = facts_.graph().value(value).constant;
  return state(value).uniform = constant(tensor, name);
}

Node Emitter::new_node(const Site& site, const Node& original) {
  Node node = original;
  node.name = merged_.node_names.unique(original.name.empty() ? original.op_type : original.name);
  node.inputs.clear();
  node.outputs.clear();
  for (const ValueId id : site.node().outputs)
    node.outputs.push_back(new_output(id));
  return node;
}

ValueId Emitter::new_output(ValueId value) {
  if (value == kAbsent) return kAbsent;
  return merged_.graph.add_value(merged_.names.unique(facts_.graph().value(value).name));
}

std::vector<ValueId> Emitter::copy(const Site& site, std::vector<ValueId> inputs,
                                   Attributes attributes) {
  Node node = new_node(site, site.node());
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  merged_.graph.nodes.push_back(node);
  return node.outputs;
}

std::vector<ValueId> Emitter::copy(const Site& site, std::vector<ValueId> inputs) {
  return copy(site, std::move(inputs), site.node().attributes);
}

void Emitter::copy_as(const Site& site, const Form& form, std::vector<ValueId> inputs,
                      Attributes attributes) {
  const std::vector<ValueId> outputs = copy(site, std::move(inputs), std::move(attributes));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] != kAbsent) define(site.output(i), form, outputs[i]);
  }
}

void Emitter::copy_as(const Site& site, const Form& form, std::vector<ValueId> inputs) {
  copy_as(site, form, std::move(inputs), site.node().attributes);
}

void Emitter::copy_apart(const Site& site, std::vector<ValueId> inputs, Attributes attributes,
                         const std::vector<Kind>& kinds) {
  Node node = new_node(site, site.node());
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  const auto count = static_cast<std::size_t>(members());
  const std::vector<ValueId> firsts = std::exchange(node.outputs, {});
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    std::vector<ValueId> ids(count, firsts[i]);
    const std::size_t distinct = kinds[i] == Kind::Stacked ? count : 1;
    for (std::size_t m = 1; m < distinct; ++m)
      ids[m] = new_output(site.output(i));
    node.outputs.insert(node.outputs.end(), ids.begin(),
                        ids.begin() + static_cast<std::ptrdiff_t>(distinct));
    define_separate(site.output(i), std::move(ids));
  }
  merged_.graph.nodes.push_back(std::move(node));
}

void Emitter::copy_once(const Site& site) {
  Node node = new_node(site, site.node());
  for (const ValueId id : site.node().inputs) {
    node.inputs.push_back(id == kAbsent ? kAbsent : uniform(id));
  }
  std::map<std::string, std::string> renamed;
  for (const ValueId id : read_values(facts_.graph(), site.node())) {
    renamed[facts_.graph().value(id).name] = merged_.graph.value(uniform(id)).name;
  }
  clone_subgraphs(node, renamed, merged_.names);
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    define_uniform(site.output(i), node.outputs[i]);
  }
  merged_.graph.nodes.push_back(std::move(node));
}

void Emitter::copy_per_member(const Site& site) {
  const Graph& exemplar = facts_.graph();
  const std::vector<ValueId> reads = read_values(exemplar, site.node());
  std::vector<std::vector<ValueId>> outputs(site.node().outputs.size());
  for (std::size_t m = 0; m < facts_.group->size(); ++m) {
    const Graph& graph = *facts_.group->graphs[m];
    const Node& original = facts_.group->node_of(m, site.node_index());
    Node node = new_node(site, original);
    for (const ValueId id : site.node().inputs) {
      node.inputs.push_back(id == kAbsent ? kAbsent : separate(id)[m]);
    }
    std::map<std::string, std::string> renamed;
    for (const ValueId id : reads) {
      const std::string& name = graph.value(facts_.group->value_of(m, id)).name;
      renamed[name] = merged_.graph.value(separate(id)[m]).name;
    }
    clone_subgraphs(node, renamed, merged_.names);
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      outputs[i].push_back(node.outputs[i]);
    merged_.graph.nodes.push_back(std::move(node));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    define_separate(site.output(i), outputs[i]);
}

ValueId Emitter::add(const std::string& op_type, std::vector<ValueId> inputs,
                     Attributes attributes) {
  Node node;
  node.op_type = op_type;
  node.name = merged_.node_names.unique(hint_ + "/" + op_type);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.outputs = {merged_.graph.add_value(merged_.names.unique(hint_ + "/" + op_type))};
  merged_.graph.nodes.push_back(node);
  return node.outputs[0];
}

ValueId Emitter::ints(const std::vector<std::int64_t>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(Tensor::of<std::int64_t>({count}, values), "ints");
}

ValueId Emitter::reshape(ValueId id, const std::vector<std::int64_t>& target) {
  return add("Reshape", {id, ints(target)});
}

ValueId Emitter::transpose(ValueId id, const std::vector<std::int64_t>& perm) {
  Attributes attributes;
  attributes.set("perm", perm);
  return add("Transpose", {id}, std::move(attributes));
}

namespace {

constexpr std::int64_t kAxesAreInputs = 13;  // of Squeeze, Unsqueeze, Split

}  // namespace

ValueId Emitter::unsqueeze(ValueId id, const std::vector<std::int64_t>& axes) {
  if (opset() >= kAxesAreInputs) return add("Unsqueeze", {id, ints(axes)});
  Attributes attributes;
  attributes.set("axes", axes);
  return add("Unsqueeze", {id}, std::move(attributes));
}

ValueId Emitter::squeeze(ValueId id, const std::vector<std::int64_t>& axes) {
  if (opset() >= kAxesAreInputs) return add("Squeeze", {id, ints(axes)});
  Attributes attributes;
  attributes.set("axes", axes);
  return add("Squeeze", {id}, std::move(attributes));
}

ValueId Emitter::concat(std::vector<ValueId> ids, std::int64_t axis) {
  Attributes attributes;
  attributes.set("axis", axis);
  return add("Concat", std::move(ids), std::move(attributes));
}

ValueId Emitter::gather(ValueId id, ValueId indices, std::int64_t axis) {
  Attributes attributes;
  if (axis != 0) attributes.set("axis", axis);
  return add("Gather", {id, indices}, std::move(attributes));
}

std::vector<ValueId> Emitter::split(ValueId id, std::int64_t axis) {
  constexpr std::int64_t kCountIsAttribute = 18;
  Node node;
  node.op_type = "Split";
  node.name = merged_.node_names.unique(hint_ + "/Split");
  node.inputs = {id};
  node.attributes.set("axis", axis);
  if (opset() >= kCountIsAttribute) {
    node.attributes.set("num_outputs", static_cast<std::int64_t>(members()));
  }
  for (int p = 0; p < members(); ++p) {
    node.outputs.push_back(merged_.graph.add_value(merged_.names.unique(hint_ + "/Split")));
  }
  merged_.graph.nodes.push_back(node);
  return node.outputs;
}

}  // namespace braid
