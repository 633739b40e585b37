#include "merge/body.hpp"

#include <algorithm>
#include <set>

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "merge/align.hpp"
#include "merge/choose_forms.hpp"
#include "merge/group_facts.hpp"

namespace braid {
namespace {

GraphPtr subgraph_of(const Node& node, const std::string& attribute) {
  const Attribute* found = node.attributes.find(attribute);
  const auto* graph = found != nullptr ? std::get_if<GraphPtr>(&found->value) : nullptr;
  return graph != nullptr ? *graph : nullptr;
}

ValueId find_value(const Graph& graph, const std::string& name) {
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    if (graph.values[v].name == name) return static_cast<ValueId>(v);
  }
  return kAbsent;
}

// The subgraph as a model of its own. What it reads of the graph around are inputs, or constants
// where they are constants there.
Model as_model(const Graph& around, const Graph& subgraph, std::int64_t opset) {
  Model model;
  model.ir_version = 8;
  model.opsets = {{"", opset}};
  model.graph = subgraph;
  Graph& graph = model.graph;
  std::set<std::string> met;
  for (const std::string& name : outer_names(subgraph)) {
    if (!met.insert(name).second) continue;
    const ValueId outer = find_value(around, name);
    if (outer == kAbsent) continue;
    ValueId id = find_value(graph, name);
    if (id == kAbsent) id = graph.add_value(name);
    Value& value = graph.value(id);
    value.is_outer = false;
    value.type = around.value(outer).type;
    value.constant = around.value(outer).constant;
    if (!value.is_constant()) graph.inputs.push_back(id);
  }
  return model;
}

bool prepare(Model& model) {
  try {
    canonicalise(model);
  } catch (const Error&) {
    return false;  // then the members run their own
  }
  separate_constant_uses(model.graph);
  return true;
}

}  // namespace

Type with_members_in_front(Type type, int members) {
  if (type.shape) type.shape->insert(type.shape->begin(), Dim::known(members));
  return type;
}

std::unique_ptr<Body> Body::find(const Site& site, const std::string& attribute) {
  const GraphPtr subgraph = subgraph_of(site.node(), attribute);
  if (subgraph == nullptr) return nullptr;
  const Graph& around = site.facts().graph();
  std::unique_ptr<Body> body(new Body(site));
  body->formal_count_ = subgraph->inputs.size();
  body->exemplar_ = as_model(around, *subgraph, site.opset());
  if (!prepare(body->exemplar_)) return nullptr;
  const Graph& graph = body->graph();
  if (graph.inputs.size() < body->formal_count_) return nullptr;
  for (std::size_t i = body->formal_count_; i < graph.inputs.size(); ++i)
    body->outer_.push_back(find_value(around, graph.value(graph.inputs[i]).name));
  body->aligned_.exemplar_graph = &graph;
  const AlignedGroup& group = *site.facts().group;
  for (std::size_t m = 0; m < group.size(); ++m) {
    const GraphPtr own = subgraph_of(group.node_of(m, site.node_index()), attribute);
    if (own == nullptr) return nullptr;
    auto member = std::make_unique<Model>(as_model(*group.graphs[m], *own, site.opset()));
    if (!prepare(*member) || !body->add_member(*member, m)) return nullptr;
    body->members_.push_back(std::move(member));
  }
  body->facts_ =
      find_facts(body->aligned_, site.opset(), *site.facts().options, *site.facts().contents);
  // What is stacked around the subgraph enters it as it is.
  set_order(body->facts_, site.facts().order);
  for (const ValueId id : graph.inputs)
    body->facts_.entries[id] = Form::front();
  body->facts_.exit = Form::front();
  for (std::size_t i = 0; i < body->outer_.size(); ++i) {
    body->set_input_kind(body->formal_count_ + i, site.facts().kind(body->outer_[i]));
  }
  return body;
}

// Inputs must correspond: the formal ones by place, the outer ones as the graphs around do.
bool Body::add_member(const Model& member, std::size_t index) {
  Difference ignored;
  auto alignment = align(graph(), member.graph, ignored);
  if (!alignment || member.graph.inputs.size() != graph().inputs.size()) return false;
  const AlignedGroup& around = *site_.facts().group;
  for (std::size_t i = 0; i < graph().inputs.size(); ++i) {
    const ValueId own = alignment->values[static_cast<std::size_t>(graph().inputs[i])];
    if (i < formal_count_) {
      if (own != member.graph.inputs[i]) return false;
      continue;
    }
    const ValueId outer = around.value_of(index, outer_[i - formal_count_]);
    if (outer == kAbsent) return false;
    if (around.graphs[index]->value(outer).name != member.graph.value(own).name) return false;
  }
  aligned_.graphs.push_back(&member.graph);
  aligned_.alignments.push_back(std::move(*alignment));
  return true;
}

void Body::set_input_kind(std::size_t i, Kind kind) {
  facts_.kinds[static_cast<std::size_t>(graph().inputs[i])] = kind;
}

bool Body::find_kinds() {
  MemberSizes sizes;
  sizes.add_inputs(graph());
  for (std::size_t n = 0; n < graph().nodes.size(); ++n)
    braid::find_kinds(facts_, n, sizes);
  return std::all_of(graph().outputs.begin(), graph().outputs.end(), [&](ValueId id) {
    if (kind(id) != Kind::Stacked) return true;
    return !facts_.is_ragged[static_cast<std::size_t>(id)] && rank_of(graph(), id).has_value();
  });
}

bool Body::is_uniform() const {
  return std::all_of(facts_.classes.begin(), facts_.classes.end(),
                     [](const ShareClasses& classes) { return classes.count <= 1; });
}

void Body::enter_inputs(Emitter& around, MergedGraph& inside, Emitter& emitter) {
  for (std::size_t i = 0; i < graph().inputs.size(); ++i) {
    const ValueId id = graph().inputs[i];
    const Value& value = graph().value(id);
    const bool is_stacked = kind(id) == Kind::Stacked;
    ValueId entered = kAbsent;
    if (is_stacked && facts_.entry(id) == Form::separate()) {
      enter_separately(id, inside, emitter);
      continue;
    }
    if (i < formal_count_) {
      const Type type =
          is_stacked ? with_members_in_front(value.type, facts_.members()) : value.type;
      entered = inside.graph.add_value(inside.names.unique(value.name), type);
      inside.graph.inputs.push_back(entered);
    } else {
      const ValueId outer = outer_[i - formal_count_];
      entered =
          inside.import(is_stacked ? around.stacked(outer, Form::front()) : around.uniform(outer));
    }
    if (is_stacked) {
      emitter.define(id, Form::front(), entered);
    } else {
      emitter.define_uniform(id, entered);
    }
  }
}

void Body::enter_separately(ValueId id, MergedGraph& inside, Emitter& emitter) {
  const Value& value = graph().value(id);
  std::vector<ValueId> entered;
  for (int m = 0; m < facts_.members(); ++m)
    entered.push_back(inside.graph.add_value(inside.names.unique(value.name), value.type));
  inside.graph.inputs.insert(inside.graph.inputs.end(), entered.begin(), entered.end());
  emitter.define_separate(id, std::move(entered));
}

// What stands for an output in the merged subgraph.
std::vector<ValueId> Body::leaving(ValueId id, Kind kind, Emitter& emitter) {
  if (kind != Kind::Stacked) return {emitter.uniform(id)};
  if (facts_.exit == Form::separate()) return emitter.separate(id);
  return {emitter.stacked(id, Form::front())};
}

GraphPtr Body::emit(Emitter& around, const std::vector<Kind>& kinds) {
  MergedGraph inside(&around.merged());
  Emitter emitter(facts_, inside);
  enter_inputs(around, inside, emitter);
  const std::vector<Choice> chosen = choose_forms(facts_, {});
  for (std::size_t n = 0; n < chosen.size(); ++n)
    emit_choice(emitter, Site(facts_, n), chosen[n]);
  std::set<ValueId> taken(inside.graph.inputs.begin(), inside.graph.inputs.end());
  for (std::size_t i = 0; i < graph().outputs.size(); ++i) {
    const ValueId id = graph().outputs[i];
    emitter.set_hint(graph().value(id).name);
    const bool is_in_front = kinds[i] == Kind::Stacked && facts_.exit == Form::front();
    const Type& type = graph().value(id).type;
    for (ValueId output : leaving(id, kinds[i], emitter)) {
      // A subgraph yields what its own nodes compute, each once.
      if (inside.is_imported(output) || !taken.insert(output).second) {
        output = emitter.add("Identity", {output});
      }
      inside.graph.value(output).type =
          is_in_front ? with_members_in_front(type, facts_.members()) : type;
      inside.graph.outputs.push_back(output);
    }
  }
  inside.graph.name = inside.names.unique(graph().name.empty() ? "body" : graph().name);
  auto result = std::make_shared<Graph>(std::move(inside.graph));
  remove_dead(*result);
  return result;
}

}  // namespace braid
