#include "merge/body.hpp"

#include <algorithm>
#include <set>

#include "ir/rewrite.hpp"
#include "merge/choose_forms.hpp"
#include "merge/group_facts.hpp"

namespace braid {

Type with_members_in_front(Type type, int members) {
  if (type.shape) type.shape->insert(type.shape->begin(), Dim::known(members));
  return type;
}

std::unique_ptr<Body> Body::find(const Site& site, const std::string& attribute) {
  const std::shared_ptr<const SubgraphGroup> group =
      find_subgraph_group(site.facts(), site.node_index(), attribute);
  if (group == nullptr) return nullptr;
  std::unique_ptr<Body> body(new Body(site, group));
  GroupFacts& facts = body->facts_;
  // What is stacked around the subgraph enters it as it is.
  set_order(facts, site.facts().order);
  for (const ValueId id : body->graph().inputs)
    facts.entries[id] = Form::front();
  facts.exit = Form::front();
  for (std::size_t i = 0; i < group->outer.size(); ++i)
    body->set_input_kind(body->input_count() + i, site.facts().kind(group->outer[i]));
  return body;
}

void Body::set_input_kind(std::size_t i, Kind kind) {
  facts_.kinds[static_cast<std::size_t>(graph().inputs[i])] = kind;
}

// What was found before is looked up: subgraphs within subgraphs would else be walked again for
// each walk of those around them.
bool Body::find_kinds() {
  std::vector<Kind> entering;
  for (const ValueId id : graph().inputs)
    entering.push_back(kind(id));
  const auto [found, is_new] = group_->found.try_emplace(std::move(entering));
  if (is_new) {
    MemberSizes sizes;
    sizes.add_inputs(graph());
    for (std::size_t n = 0; n < graph().nodes.size(); ++n)
      braid::find_kinds(facts_, n, sizes);
    found->second = {facts_.kinds, facts_.is_ragged};
  }
  facts_.kinds = found->second.kinds;
  facts_.is_ragged = found->second.is_ragged;
  return std::all_of(graph().outputs.begin(), graph().outputs.end(), [&](ValueId id) {
    if (kind(id) != Kind::Stacked) return true;
    return !facts_.is_ragged[static_cast<std::size_t>(id)] && rank_of(graph(), id).has_value();
  });
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
    if (i < input_count()) {
      const Type type =
          is_stacked ? with_members_in_front(value.type, facts_.members()) : value.type;
      entered = inside.graph.add_value(inside.names.unique(value.name), type);
      inside.graph.inputs.push_back(entered);
    } else {
      const ValueId outer = group_->outer[i - input_count()];
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
