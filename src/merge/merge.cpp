#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "braid/merge.hpp"
#include "braid/version.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "merge/emit_family.hpp"
#include "merge/family.hpp"
#include "merge/fold_to_match.hpp"
#include "merge/groups.hpp"
#include "merge/unify_opsets.hpp"

namespace braid {
namespace {

void check_members(const std::vector<Member>& members) {
  if (members.empty()) throw Error(ErrorKind::Usage, "merge needs at least one model");
  std::set<std::string> names;
  std::string problems;
  for (const Member& member : members) {
    if (!names.insert(member.name).second) {
      throw Error(ErrorKind::Usage, "two members are named '" + member.name + "'");
    }
    for (const Value& value : member.model.graph.values) {
      if (!value.is_constant() || value.constant.has_data()) continue;
      problems += (problems.empty() ? "" : "\n") + place_of(member) + ": weight '" + value.name +
                  "' has no data; fill the model with `braid synth`, or export it with its weights";
      break;
    }
  }
  if (!problems.empty()) throw Error(ErrorKind::BadInput, problems);
}

void prepare(Member& member) {
  try {
    canonicalise(member.model);
  } catch (const Error& error) {
    throw Error(error.kind(), place_of(member) + ": " + error.what());
  }
  separate_constant_uses(member.model.graph);
}

class Merger {
 public:
  Merger(std::vector<Member> members, const MergeOptions& options)
      : members_(std::move(members)), options_(options) {
    check_members(members_);
    for (const Member& member : members_) {
      nodes_before_.push_back(static_cast<std::int64_t>(member.model.graph.nodes.size()));
      input_names_.push_back(names_of(member.model.graph, member.model.graph.inputs));
      output_names_.push_back(names_of(member.model.graph, member.model.graph.outputs));
    }
    result_.model.opsets = unify_opsets(members_);
  }

  Merged run() {
    for (Member& member : members_) {
      prepare(member);
      merged_.member_names.push_back(member.name);
    }
    merged_.opset = opset();
    reserve_names();
    std::vector<Model*> models;
    for (Member& member : members_)
      models.push_back(&member.model);
    fold_to_match(models);
    const std::vector<FoundGroup> groups = sort_into_groups({models.begin(), models.end()});
    inputs_.resize(members_.size());
    outputs_.resize(members_.size());
    for (const Family& family : find_families(groups, merged_.contents))
      add_family(family, groups);
    finish();
    return std::move(result_);
  }

 private:
  static std::vector<std::string> names_of(const Graph& graph, const std::vector<ValueId>& ids) {
    std::vector<std::string> names;
    for (const ValueId id : ids)
      names.push_back(graph.value(id).name);
    return names;
  }

  std::string prefixed(std::size_t member, const std::string& name) const {
    return members_[member].name + "/" + name;
  }

  // Inputs and outputs have their names before anything else can take them.
  void reserve_names() {
    for (std::size_t m = 0; m < members_.size(); ++m) {
      for (const auto& name : input_names_[m])
        merged_.names.reserve(prefixed(m, name));
      for (const auto& name : output_names_[m])
        merged_.names.reserve(prefixed(m, name));
    }
  }

  std::int64_t opset() const { return result_.model.opset(); }

  void add_family(const Family& family, const std::vector<FoundGroup>& groups) {
    const std::size_t first_node = merged_.graph.nodes.size();
    Symbols symbols;
    for (std::size_t g = 0; g < family.groups.size(); ++g)
      add_inputs(groups[family.groups[g]], family.symbols[g], symbols);
    FamilyEmitter emitter(family, groups, inputs_, opset(), options_, merged_);
    GroupReport report;
    report.sites = emitter.run();
    for (std::size_t g = 0; g < family.groups.size(); ++g)
      collect_outputs(groups[family.groups[g]], g, emitter, family.symbols[g], symbols);
    report.group = {family.members, emitter.sharing(), groups[family.groups[0]].difference};
    for (const std::size_t g : family.groups)
      report.architectures.push_back(groups[g].members);
    for (const std::size_t m : family.members)
      report.nodes_before = std::max(report.nodes_before, nodes_before_[m]);
    report.nodes_after = static_cast<std::int64_t>(merged_.graph.nodes.size() - first_node);
    result_.report.groups.push_back(std::move(report));
  }

  // Symbolic dims of a family -> of the merged model. Other families may run at other sizes, so
  // theirs have other names.
  using Symbols = std::map<std::string, std::string>;

  Type with_symbols(Type type, const Symbols& in_family, Symbols& in_merged) {
    if (!type.shape) return type;
    for (Dim& dim : *type.shape) {
      if (dim.is_known() || dim.symbol.empty()) continue;
      const std::string& name = in_family.at(dim.symbol);
      const auto [it, is_new] = in_merged.try_emplace(name);
      if (is_new) it->second = symbols_.unique(name);
      dim.symbol = it->second;
    }
    return type;
  }

  void add_inputs(const FoundGroup& found, const Symbols& in_family, Symbols& in_merged) {
    const Graph& exemplar = found.aligned.exemplar();
    for (const ValueId id : exemplar.inputs) {
      const Type type = with_symbols(exemplar.value(id).type, in_family, in_merged);
      for (std::size_t m = 0; m < found.members.size(); ++m) {
        const Value& value = found.aligned.graphs[m]->value(found.aligned.value_of(m, id));
        const std::size_t member = found.members[m];
        const ValueId added = merged_.graph.add_value(prefixed(member, value.name), type);
        merged_.graph.value(added).doc = value.doc;
        inputs_[member][value.name] = added;
      }
    }
  }

  void collect_outputs(const FoundGroup& found, std::size_t position, FamilyEmitter& emitter,
                       const Symbols& in_family, Symbols& in_merged) {
    const Graph& exemplar = found.aligned.exemplar();
    for (const ValueId id : exemplar.outputs) {
      const std::vector<ValueId> ids = emitter.values_of(position, id);
      const Type type = with_symbols(exemplar.value(id).type, in_family, in_merged);
      for (std::size_t m = 0; m < found.members.size(); ++m)
        outputs_[found.members[m]].push_back({ids[m], type});
    }
  }

  // Inputs and outputs stand in the order of the members and of their own graphs.
  void finish() {
    merged_.repeated.emit(merged_);
    Graph& graph = merged_.graph;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      for (const std::string& name : input_names_[m]) {
        const auto found = inputs_[m].find(name);
        if (found != inputs_[m].end()) graph.inputs.push_back(found->second);
      }
    }
    name_outputs();
    graph.name = "merged";
    result_.model.graph = std::move(graph);
    remove_dead(result_.model.graph);
    describe_model();
    for (const Value& value : result_.model.graph.values) {
      if (value.is_constant()) result_.report.merged_bytes += value.constant.bytes();
    }
  }

  void name_outputs() {
    Graph& graph = merged_.graph;
    std::unordered_set<std::string> captured;
    for (const Node& node : graph.nodes) {
      for_each_subgraph(node, [&](const GraphPtr& inner) {
        for (std::string& name : outer_names(*inner))
          captured.insert(std::move(name));
      });
    }
    const std::vector<int> producer = producers(graph);
    std::set<ValueId> taken;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      for (std::size_t i = 0; i < outputs_[m].size(); ++i) {
        auto [id, type] = outputs_[m][i];
        const bool is_free = producer[static_cast<std::size_t>(id)] >= 0 &&
                             !captured.contains(graph.value(id).name) && taken.insert(id).second;
        if (!is_free) id = add_identity(id, m);
        graph.value(id).name = prefixed(m, output_names_[m][i]);
        graph.value(id).type = type;
        graph.outputs.push_back(id);
      }
    }
  }

  ValueId add_identity(ValueId id, std::size_t member) {
    Node node;
    node.op_type = "Identity";
    node.name = merged_.node_names.unique(members_[member].name + "/Identity");
    node.inputs = {id};
    node.outputs = {merged_.graph.add_value("")};
    merged_.graph.nodes.push_back(node);
    return node.outputs[0];
  }

  void describe_model() {
    Model& model = result_.model;
    model.producer_name = "braid";
    model.producer_version = kVersion;
    nlohmann::ordered_json members = nlohmann::ordered_json::array();
    for (std::size_t m = 0; m < members_.size(); ++m) {
      model.ir_version = std::max(model.ir_version, members_[m].model.ir_version);
      members.push_back({{"name", members_[m].name},
                         {"file", members_[m].path.filename().string()},
                         {"inputs", input_names_[m]},
                         {"outputs", output_names_[m]}});
    }
    // Initializers that are no inputs exist since IR 4.
    model.ir_version = std::max<std::int64_t>(model.ir_version, 4);
    model.metadata.emplace_back("braid.members", members.dump());
  }

  struct Output {
    ValueId id;
    Type type;
  };

  std::vector<Member> members_;
  MergeOptions options_;
  std::vector<std::int64_t> nodes_before_;
  std::vector<std::vector<std::string>> input_names_;
  std::vector<std::vector<std::string>> output_names_;
  MergedGraph merged_;
  NameSource symbols_;
  MemberInputs inputs_;
  std::vector<std::vector<Output>> outputs_;  // by member
  Merged result_;
};

}  // namespace

Merged merge(std::vector<Member> members, const MergeOptions& options) {
  return Merger(std::move(members), options).run();
}

}  // namespace braid
