// Results and copied nodes of the Emitter; forms and constants have files of their own.

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
  node.name = merged().node_names.unique(original.name.empty() ? original.op_type : original.name);
  node.inputs.clear();
  node.outputs.clear();
  for (const ValueId id : site.node().outputs)
    node.outputs.push_back(new_output(id));
  return node;
}

ValueId Emitter::new_output(ValueId value) {
  if (value == kAbsent) return kAbsent;
  return merged().graph.add_value(merged().names.unique(facts_.graph().value(value).name));
}

std::vector<ValueId> Emitter::copy(const Site& site, std::vector<ValueId> inputs,
                                   Attributes attributes) {
  Node node = new_node(site, site.node());
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  merged().graph.nodes.push_back(node);
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
  merged().graph.nodes.push_back(std::move(node));
}

void Emitter::copy_once(const Site& site) {
  Node node = new_node(site, site.node());
  for (const ValueId id : site.node().inputs) {
    node.inputs.push_back(id == kAbsent ? kAbsent : uniform(id));
  }
  std::map<std::string, std::string> renamed;
  for (const ValueId id : read_values(facts_.graph(), site.node())) {
    renamed[facts_.graph().value(id).name] = merged().graph.value(uniform(id)).name;
  }
  clone_subgraphs(node, renamed, merged().names);
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    define_uniform(site.output(i), node.outputs[i]);
  }
  merged().graph.nodes.push_back(std::move(node));
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
      renamed[name] = merged().graph.value(separate(id)[m]).name;
    }
    clone_subgraphs(node, renamed, merged().names);
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      outputs[i].push_back(node.outputs[i]);
    merged().graph.nodes.push_back(std::move(node));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    define_separate(site.output(i), outputs[i]);
}

}  // namespace braid
