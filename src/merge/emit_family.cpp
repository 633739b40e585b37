#include "merge/emit_family.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "braid/error.hpp"
#include "ir/traverse.hpp"
#include "merge/group_facts.hpp"
#include "merge/json_text.hpp"
#include "support/assert.hpp"

namespace braid {

FamilyEmitter::FamilyEmitter(const Family& family, const std::vector<FoundGroup>& groups,
                             const MemberInputs& inputs, std::int64_t opset,
                             const MergeOptions& options, const MergePlan::Group* plan,
                             MergedGraph& merged)
    : family_(family), groups_(groups), inputs_(inputs), merged_(merged) {
  for (const Piece& piece : family.pieces) {
    // In place: the emitter refers to the facts of its own part.
    Part& part = parts_.emplace_back(Part{
        &piece, find_facts(piece.aligned, opset, options, merged.contents), {}, {}, {}, {}, {}});
    part.emitter = std::make_unique<Emitter>(part.facts, merged);
    for (std::size_t m = 0; m < piece.members.size(); ++m)
      part.index_of[piece.members[m]] = m;
    part.is_entered.assign(piece.graph.values.size(), true);
    for (const ValueId id : piece.graph.inputs)
      part.is_entered[static_cast<std::size_t>(id)] = false;
    part.is_defined = part.is_entered;
  }
  find_all_kinds();
  choose(plan);
}

void FamilyEmitter::choose(const MergePlan::Group* plan) {
  if (plan != nullptr) check_sites(*plan);
  std::vector<std::vector<Prescription>> planned(parts_.size());
  for (std::size_t c = 0; plan != nullptr && c < family_.columns.size(); ++c) {
    const Column& column = family_.columns[c];
    auto& own = planned[static_cast<std::size_t>(column.piece)];
    own.resize(part(column).facts.graph().nodes.size());
    const MergePlan::Site& site = plan->sites[c];
    own[static_cast<std::size_t>(column.place)] = {site.rule, site.form};
  }
  for (std::size_t p = 0; p < parts_.size(); ++p)
    parts_[p].chosen = choose_forms(parts_[p].facts, planned[p]);
}

void FamilyEmitter::check_sites(const MergePlan::Group& plan) {
  constexpr const char* kFix = "; make the plan again with braid plan";
  if (plan.sites.size() != family_.columns.size()) {
    throw Error(ErrorKind::CannotMerge, "the plan has " + std::to_string(plan.sites.size()) +
                                            " sites, but these members have " +
                                            std::to_string(family_.columns.size()) + kFix);
  }
  for (std::size_t c = 0; c < family_.columns.size(); ++c) {
    const Column& column = family_.columns[c];
    const auto place = static_cast<std::size_t>(column.place);
    const std::string& name = part(column).facts.graph().nodes[place].name;
    if (plan.sites[c].node == name) continue;
    throw Error(ErrorKind::CannotMerge, "site " + std::to_string(c + 1) + " of the plan is '" +
                                            plan.sites[c].node + "', but here it is '" + name +
                                            "'" + kFix);
  }
}

// The place that a piece's input comes from if it is the same for all members; else null.
const Place* FamilyEmitter::common_place(const Part& part, ValueId id) const {
  const std::vector<ValueId>& tuple = part.piece->tuples[static_cast<std::size_t>(id)];
  const auto place = [&](std::size_t k) {
    return &family_.places[part.piece->groups[k]][static_cast<std::size_t>(tuple[k])];
  };
  for (std::size_t k = 0; k < tuple.size(); ++k) {
    if (place(k)->piece < 0 || *place(k) != *place(0)) return nullptr;
  }
  return place(0);
}

// Inputs of the members may be one input of the merged model.
bool FamilyEmitter::is_one_graph_input(const Part& part, ValueId id) {
  const std::vector<ValueId>& tuple = part.piece->tuples[static_cast<std::size_t>(id)];
  std::set<ValueId> met;
  for (std::size_t k = 0; k < tuple.size(); ++k) {
    const std::size_t g = part.piece->groups[k];
    const Place& place = family_.places[g][static_cast<std::size_t>(tuple[k])];
    if (place.piece >= 0) return false;
    for (const ValueId value : values_of(g, tuple[k], place))
      met.insert(value);
  }
  return met.size() == 1;
}

void FamilyEmitter::enter_input(Part& part, ValueId id) {
  const auto v = static_cast<std::size_t>(id);
  part.is_entered[v] = true;
  if (part.facts.members() == 1) return;
  part.facts.kinds[v] = Kind::Stacked;
  if (const Place* source = common_place(part, id)) {
    const GroupFacts& facts = this->part(*source).facts;
    part.facts.kinds[v] = facts.kind(source->value);
    part.facts.is_ragged[v] = facts.is_ragged[static_cast<std::size_t>(source->value)];
  } else if (is_one_graph_input(part, id)) {
    part.facts.kinds[v] = Kind::Uniform;
  } else {
    part.facts.is_ragged[v] = comes_ragged(part, id);
  }
}

// A value that the members have from different places, or from their inputs.
bool FamilyEmitter::comes_ragged(const Part& part, ValueId id) {
  if (!part.facts.graph().value(id).type.shape) return true;
  const std::vector<ValueId>& tuple = part.piece->tuples[static_cast<std::size_t>(id)];
  for (std::size_t k = 0; k < tuple.size(); ++k) {
    if (is_ragged(part.piece->groups[k], tuple[k])) return true;
  }
  return false;
}

void FamilyEmitter::find_all_kinds() {
  MemberSizes sizes;
  for (std::size_t g = 0; g < family_.groups.size(); ++g)
    sizes.add_inputs(group(g).aligned.exemplar());
  for (const Column& column : family_.columns) {
    Part& part = this->part(column);
    const auto place = static_cast<std::size_t>(column.place);
    for (const ValueId id : read_values(part.facts.graph(), part.facts.graph().nodes[place])) {
      if (!part.is_entered[static_cast<std::size_t>(id)]) enter_input(part, id);
    }
    find_kinds(part.facts, place, sizes);
  }
}

std::vector<ValueId> FamilyEmitter::values_of(std::size_t g, ValueId id, const Place& place) {
  std::vector<ValueId> ids;
  const FoundGroup& found = group(g);
  for (std::size_t m = 0; m < found.members.size(); ++m) {
    const std::size_t member = found.members[m];
    if (place.piece >= 0) {
      Part& source = part(place);
      ids.push_back(source.emitter->separate(place.value)[source.index_of.at(member)]);
      continue;
    }
    const Value& value = found.aligned.graphs[m]->value(found.aligned.value_of(m, id));
    ids.push_back(value.is_constant() ? merged_.constant(value.constant, value.name)
                                      : inputs_[member].at(value.name));
  }
  return ids;
}

bool FamilyEmitter::is_ragged(std::size_t g, ValueId id) {
  const Place& place = family_.places[g][static_cast<std::size_t>(id)];
  return place.piece >= 0 && part(place).facts.is_ragged[static_cast<std::size_t>(place.value)];
}

std::vector<ValueId> FamilyEmitter::values_of(std::size_t g, ValueId id) {
  const Place& place = family_.places[g][static_cast<std::size_t>(id)];
  if (place.piece >= 0) part(place).emitter->set_hint("outputs");
  return values_of(g, id, place);
}

void FamilyEmitter::define_input(Part& part, ValueId id) {
  const auto v = static_cast<std::size_t>(id);
  part.is_defined[v] = true;
  const Place* source = common_place(part, id);
  if (source != nullptr && this->part(*source).facts.kind(source->value) == Kind::Uniform) {
    part.emitter->define_uniform(id, this->part(*source).emitter->uniform(source->value));
    return;
  }
  std::vector<ValueId> ids;
  for (std::size_t k = 0; k < part.piece->groups.size(); ++k) {
    const std::size_t g = part.piece->groups[k];
    const ValueId value = part.piece->tuples[v][k];
    const Place& place = family_.places[g][static_cast<std::size_t>(value)];
    for (const ValueId added : values_of(g, value, place))
      ids.push_back(added);
  }
  if (part.facts.kind(id) == Kind::Uniform) {
    part.emitter->define_uniform(id, ids[0]);
  } else {
    part.emitter->define_separate(id, std::move(ids));
  }
}

void FamilyEmitter::emit(const Column& column) {
  Part& part = this->part(column);
  const Site site(part.facts, static_cast<std::size_t>(column.place));
  const std::size_t first_node = merged_.graph.nodes.size();
  part.emitter->set_hint(site.node().name);
  for (const ValueId id : read_values(part.facts.graph(), site.node())) {
    if (!part.is_defined[static_cast<std::size_t>(id)]) define_input(part, id);
  }
  emit_choice(*part.emitter, site, part.chosen[static_cast<std::size_t>(column.place)]);
  annotate(column, first_node);
}

// Every node says which nodes of which members it stands for, and by which rule it was made.
void FamilyEmitter::annotate(const Column& column, std::size_t first_node) {
  const Part& part = this->part(column);
  const auto place = static_cast<std::size_t>(column.place);
  const Candidate& candidate = part.chosen[place].candidate;
  const std::string rule = candidate.rule.empty() ? "once" : candidate.rule;
  const auto from = [&](std::size_t first, std::size_t last) {
    nlohmann::ordered_json nodes;
    for (std::size_t m = first; m < last; ++m) {
      const std::string& member = merged_.member_names[part.piece->members[m]];
      nodes[part.piece->aligned.node_of(m, place).name].push_back(member);
    }
    return json_text(nodes);
  };
  const auto set = [&](std::size_t n, const std::string& text) {
    Metadata& metadata = merged_.graph.nodes[n].metadata;
    std::erase_if(metadata, [](const auto& entry) { return entry.first.starts_with("braid."); });
    metadata.emplace_back("braid.rule", rule);
    metadata.emplace_back("braid.from", text);
  };
  const std::size_t count = part.piece->members.size();
  const std::size_t end = merged_.graph.nodes.size();
  // Per member, the last nodes are those of the members, in their order.
  const std::size_t own = rule == "per member" ? end - count : end;
  const std::string all = from(0, count);
  for (std::size_t n = first_node; n < own; ++n)
    set(n, all);
  for (std::size_t n = own; n < end; ++n)
    set(n, from(n - own, n - own + 1));
}

SiteReport FamilyEmitter::report_of(const Column& column) {
  const Part& part = this->part(column);
  const auto place = static_cast<std::size_t>(column.place);
  const Node& node = part.facts.graph().nodes[place];
  const Choice& choice = part.chosen[place];
  SiteReport report;
  report.node = node.name;
  report.op_type = node.op_type;
  report.rule = choice.candidate.rule.empty() ? "once" : choice.candidate.rule;
  report.form = choice.candidate.rule.empty() ? "" : to_string(choice.candidate.output);
  report.reason = choice.reason;
  report.members = part.piece->members;
  report.offers = choice.offers;
  return report;
}

std::vector<SiteReport> FamilyEmitter::run() {
  std::vector<SiteReport> reports;
  for (const Column& column : family_.columns) {
    emit(column);
    reports.push_back(report_of(column));
  }
  return reports;
}

Sharing FamilyEmitter::sharing() const {
  SharingSum sum(family_.members.size());
  for (const Part& part : parts_)
    sum.add(part.piece->aligned, part.facts.classes, part.piece->members);
  return sum.sharing();
}

}  // namespace braid
