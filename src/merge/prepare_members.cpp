#include "merge/prepare_members.hpp"

#include <set>

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "merge/align.hpp"
#include "merge/fold_to_match.hpp"
#include "merge/unify_opsets.hpp"

namespace braid {
namespace {

void check_members(const std::vector<Member>& members) {
  if (members.empty()) throw Error(ErrorKind::Usage, "merge needs at least one model");
  std::set<std::string> names;
  for (const Member& member : members) {
    if (!names.insert(member.name).second) {
      throw Error(ErrorKind::Usage, "two members are named '" + member.name + "'");
    }
  }
}

void prepare(Member& member) {
  try {
    canonicalise(member.model);
  } catch (const Error& error) {
    throw Error(error.kind(), place_of(member) + ": " + error.what());
  }
  separate_constant_uses(member.model.graph);
}

std::vector<std::string> names_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> names;
  for (const ValueId id : ids)
    names.push_back(graph.value(id).name);
  return names;
}

}  // namespace

void check_weights(const std::vector<Member>& members) {
  std::string problems;
  for (const Member& member : members) {
    for (const Value& value : member.model.graph.values) {
      if (!value.is_constant() || value.constant.has_data()) continue;
      problems += (problems.empty() ? "" : "\n") + place_of(member) + ": weight '" + value.name +
                  "' has no data; fill the model with `braid synth`, or export it with its weights";
      break;
    }
  }
  if (!problems.empty()) throw Error(ErrorKind::BadInput, problems);
}

std::int64_t PreparedMembers::opset() const {
  for (const auto& [domain, version] : opsets) {
    if (domain.empty()) return version;
  }
  return 0;
}

PreparedMembers prepare_members(std::vector<Member> members) {
  check_members(members);
  PreparedMembers prepared;
  for (const Member& member : members) {
    const Graph& graph = member.model.graph;
    prepared.node_counts.push_back(static_cast<std::int64_t>(graph.nodes.size()));
    prepared.input_names.push_back(names_of(graph, graph.inputs));
    prepared.output_names.push_back(names_of(graph, graph.outputs));
  }
  prepared.opsets = unify_opsets(members);
  std::vector<Model*> models;
  for (Member& member : members) {
    prepare(member);
    models.push_back(&member.model);
  }
  fold_to_match(models);
  prepared.members = std::move(members);
  return prepared;
}

}  // namespace braid
