#include "merge/assemble.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/version.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "merge/combine_outputs.hpp"
#include "merge/emit_family.hpp"
#include "merge/footprint.hpp"
#include "merge/join_moves.hpp"
#include "merge/json_text.hpp"
#include "merge/share_parts.hpp"
#include "merge/shared_inputs.hpp"
#include "merge/unify_opsets.hpp"

namespace braid {
namespace {

// Symbolic dims of a family -> of the merged model.
using Symbols = std::map<std::string, std::string>;

class Assembler {
 public:
  Assembler(const PreparedMembers& prepared, const MergeOptions& options)
      : prepared_(prepared), options_(options), shared_inputs_(prepared) {
    for (const Member& member : prepared.members)
      merged_.member_names.push_back(member.name);
    merged_.opset = prepared.opset();
    inputs_.resize(prepared.members.size());
    outputs_.resize(prepared.members.size());
    result_.model.opsets = prepared.opsets;
  }

  Merged run(const std::vector<FoundGroup>& groups, const std::deque<ChosenFamily>& families) {
    for (const ChosenFamily& chosen : families) {
      const auto& members = chosen.family.members;
      members_.insert(members_.end(), members.begin(), members.end());
    }
    std::sort(members_.begin(), members_.end());
    reserve_names();
    for (const ChosenFamily& chosen : families)
      add_family(chosen, groups);
    finish();
    return std::move(result_);
  }

 private:
  const Member& member(std::size_t m) const { return prepared_.members[m]; }

  std::string prefixed(std::size_t m, const std::string& name) const {
    return member(m).name + "/" + name;
  }

  // Inputs and outputs have their names before anything else can take them.
  void reserve_names() {
    for (const std::size_t m : members_) {
      for (const auto& name : prepared_.input_names[m]) {
        merged_.names.reserve(prefixed(m, name));
        if (options_.shares_inputs) merged_.names.reserve(name);
      }
      for (const auto& name : prepared_.output_names[m]) {
        merged_.names.reserve(prefixed(m, name));
        if (options_.combination != Combination::None) merged_.names.reserve(name);
      }
    }
  }

  void add_family(const ChosenFamily& chosen, const std::vector<FoundGroup>& groups) {
    const Family& family = chosen.family;
    const std::size_t first_node = merged_.graph.nodes.size();
    // Other families may run at other sizes, so their symbols have other names; not so if all
    // families read the same inputs.
    Symbols own;
    Symbols& symbols = options_.shares_inputs ? common_symbols_ : own;
    for (std::size_t g = 0; g < family.groups.size(); ++g)
      add_inputs(groups[family.groups[g]], family.symbols[g], symbols);
    FamilyEmitter emitter(family, groups, inputs_, prepared_.opset(), options_, chosen.plan,
                          merged_);
    GroupReport report;
    report.sites = emitter.run();
    for (std::size_t g = 0; g < family.groups.size(); ++g)
      collect_outputs(groups[family.groups[g]], g, emitter, family.symbols[g], symbols);
    report.group = {family.members, emitter.sharing(), groups[family.groups[0]].difference};
    report.reason = chosen.reason;
    for (const std::size_t g : family.groups)
      report.architectures.push_back(groups[g].members);
    for (const std::size_t m : family.members) {
      report.nodes_before = std::max(report.nodes_before, prepared_.node_counts[m]);
      add(footprint_of(member(m).model.graph, options_.dims), report.before);
    }
    for (std::size_t n = first_node; n < merged_.graph.nodes.size(); ++n)
      group_of_[merged_.graph.nodes[n].name] = result_.report.groups.size();
    result_.report.groups.push_back(std::move(report));
  }

  static void add(const Footprint& one, Footprint& sum) {
    sum.launches += one.launches;
    sum.bytes_moved += one.bytes_moved;
    sum.weights += one.weights;
    sum.activations = std::max(sum.activations, one.activations);
  }

  Type with_symbols(Type type, const Symbols& in_family, Symbols& in_merged) {
    if (!type.shape) return type;
    for (Dim& dim : *type.shape) {
      if (dim.is_known() || dim.symbol.empty()) continue;
      const std::string& name = in_family.at(dim.symbol);
      const auto [it, is_new] = in_merged.try_emplace(name);
      if (is_new) it->second = symbols_.unique(name);
      const auto size = options_.dims.find(dim.symbol);
      if (size != options_.dims.end()) sizes_.insert_or_assign(it->second, size->second);
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
        const std::size_t at = found.members[m];
        ValueId& input = inputs_[at][value.name];
        if (options_.shares_inputs) {
          input = shared_inputs_.input_for(at, value.name, type, merged_.graph);
        } else {
          input = merged_.graph.add_value(prefixed(at, value.name), type);
          merged_.graph.value(input).doc = value.doc;
        }
      }
    }
  }

  // Runtimes take equal symbols for equal sizes, so sizes that members do not share have names of
  // their own in each.
  void collect_outputs(const FoundGroup& found, std::size_t position, FamilyEmitter& emitter,
                       const Symbols& in_family, Symbols& in_merged) {
    const Graph& exemplar = found.aligned.exemplar();
    std::vector<Symbols> own(found.members.size(), in_merged);
    for (const ValueId id : exemplar.outputs) {
      const bool is_ragged = emitter.is_ragged(position, id);
      const std::vector<ValueId> ids = emitter.values_of(position, id);
      for (std::size_t m = 0; m < found.members.size(); ++m) {
        const Type type =
            with_symbols(exemplar.value(id).type, in_family, is_ragged ? own[m] : in_merged);
        outputs_[found.members[m]].push_back({ids[m], type});
      }
    }
  }

  // Inputs and outputs stand in the order of the members and of their own graphs.
  void finish() {
    merged_.repeated.emit(merged_);
    share_parts(merged_);
    Graph& graph = merged_.graph;
    for (const std::size_t m : members_) {
      for (const std::string& name : prepared_.input_names[m]) {
        const auto found = inputs_[m].find(name);
        if (found != inputs_[m].end() && !graph.is_input(found->second)) {
          graph.inputs.push_back(found->second);
        }
      }
    }
    name_outputs();
    if (options_.combination != Combination::None) combine();
    graph.name = "merged";
    result_.model.graph = std::move(graph);
    const nlohmann::ordered_json members = describe_members();  // before values have other ids
    remove_dead(result_.model.graph);
    join_moves(result_.model.graph);
    describe_model(members);
    infer_types(result_.model);
    count_nodes();
    result_.report.after = footprint_of(result_.model.graph, sizes_);
    result_.report.merged_bytes = result_.report.after.weights;
  }

  // Nodes that serve all groups count for a group only if it is the only one.
  void count_nodes() {
    std::vector<GroupReport>& groups = result_.report.groups;
    for (const Node& node : result_.model.graph.nodes) {
      const auto known = group_of_.find(node.name);
      if (known != group_of_.end()) {
        ++groups[known->second].nodes_after;
      } else if (groups.size() == 1) {
        ++groups[0].nodes_after;
      }
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
    // No name has two values: an input that is an output, and an output listed twice.
    std::map<std::string, ValueId> named;
    for (const ValueId id : graph.inputs)
      named.emplace(graph.value(id).name, id);
    for (const std::size_t m : members_) {
      for (std::size_t i = 0; i < outputs_[m].size(); ++i) {
        auto& [id, type] = outputs_[m][i];
        const std::string name = prefixed(m, prepared_.output_names[m][i]);
        const auto [known, is_new] = named.try_emplace(name, id);
        if (!is_new) {
          graph.outputs.push_back(known->second);
          continue;
        }
        const bool is_free = producer[static_cast<std::size_t>(id)] >= 0 &&
                             !captured.contains(graph.value(id).name) && taken.insert(id).second;
        if (!is_free) id = known->second = add_identity(id, member(m).name);
        graph.value(id).name = name;
        graph.value(id).type = type;
        graph.outputs.push_back(id);
      }
    }
  }

  ValueId add_identity(ValueId id, const std::string& hint) {
    Node node;
    node.op_type = "Identity";
    node.name = merged_.node_names.unique(hint + "/Identity");
    node.inputs = {id};
    node.outputs = {merged_.graph.add_value("")};
    merged_.graph.nodes.push_back(node);
    return node.outputs[0];
  }

  // One output for each output that the members have in common.
  void combine() {
    const std::size_t first = members_[0];
    const std::vector<double> weights = own_weights();
    Graph& graph = merged_.graph;
    for (std::size_t i = 0; i < outputs_[first].size(); ++i) {
      const std::string& name = prepared_.output_names[first][i];
      std::vector<MemberOutput> outputs;
      for (const std::size_t m : members_) {
        check_alike(first, m, i);
        outputs.push_back(outputs_[m][i]);
      }
      const auto [id, type] =
          combine_outputs(merged_, outputs, options_.combination, weights, name);
      graph.value(id).name = free_name(name);
      graph.value(id).type = type;
      graph.outputs.push_back(id);
      combined_.push_back({{"name", name}, {"merged", graph.value(id).name}});
    }
  }

  std::vector<double> own_weights() const {
    if (options_.combination != Combination::Weighted) return {};
    const std::vector<double>& weights = options_.combination_weights;
    if (weights.size() != prepared_.members.size()) {
      throw Error(ErrorKind::CannotMerge, std::to_string(weights.size()) + " weights for " +
                                              std::to_string(prepared_.members.size()) +
                                              " members; give one weight per member");
    }
    std::vector<double> own;
    for (const std::size_t m : members_)
      own.push_back(weights[m]);
    return own;
  }

  // An input of all members may have the name of an output that is combined.
  std::string free_name(const std::string& name) {
    const Graph& graph = merged_.graph;
    const auto is_named = [&](ValueId id) { return graph.value(id).name == name; };
    const bool is_taken = std::any_of(graph.inputs.begin(), graph.inputs.end(), is_named) ||
                          std::any_of(graph.outputs.begin(), graph.outputs.end(), is_named);
    return is_taken ? merged_.names.unique("combined/" + name) : name;
  }

  void check_alike(std::size_t first, std::size_t other, std::size_t i) const {
    const auto& a = outputs_[first];
    const auto& b = outputs_[other];
    const auto fail = [&](const std::string& here, const std::string& there) {
      throw Error(ErrorKind::CannotMerge, place_of(member(other)) + ": has " + there + ", but " +
                                              place_of(member(first)) + " has " + here +
                                              "; outputs can be combined only if they are alike");
    };
    if (a.size() != b.size()) {
      fail(std::to_string(a.size()) + " outputs", std::to_string(b.size()));
    }
    if (!are_alike(comparable(a[i].type), comparable(b[i].type))) {
      const auto text = [&](std::size_t m, const Type& type) {
        return "output '" + prepared_.output_names[m][i] + "' " + to_string(type);
      };
      fail(text(first, a[i].type), text(other, b[i].type));
    }
  }

  // Side by side, the last axis may be of any size.
  Type comparable(Type type) const {
    if (options_.combination == Combination::Concat && type.shape && !type.shape->empty())
      type.shape->back() = Dim{};
    return type;
  }

  nlohmann::ordered_json describe_members() const {
    nlohmann::ordered_json members = nlohmann::ordered_json::array();
    for (const std::size_t m : members_) {
      nlohmann::ordered_json entry = {{"name", member(m).name},
                                      {"file", member(m).path.filename().string()}};
      if (!prepared_.file_hashes[m].empty()) entry["xxh3_128"] = prepared_.file_hashes[m];
      for (const std::string& name : prepared_.input_names[m]) {
        const auto found = inputs_[m].find(name);
        if (found == inputs_[m].end()) continue;
        const Value& input = result_.model.graph.value(found->second);
        entry["inputs"].push_back(
            {{"name", name}, {"merged", input.name}, {"type", to_string(input.type)}});
      }
      for (std::size_t i = 0; i < outputs_[m].size(); ++i) {
        const std::string& name = prepared_.output_names[m][i];
        entry["outputs"].push_back({{"name", name},
                                    {"merged", prefixed(m, name)},
                                    {"type", to_string(outputs_[m][i].type)}});
      }
      members.push_back(std::move(entry));
    }
    return members;
  }

  void describe_model(const nlohmann::ordered_json& members) {
    Model& model = result_.model;
    model.producer_name = "braid";
    model.producer_version = kVersion;
    for (const std::size_t m : members_)
      model.ir_version = std::max(model.ir_version, member(m).model.ir_version);
    // Initializers that are no inputs exist since IR 4.
    model.ir_version = std::max<std::int64_t>(model.ir_version, 4);
    model.metadata.emplace_back("braid.members", json_text(members));
    if (options_.combination != Combination::None) {
      nlohmann::ordered_json combination = {{"kind", to_string(options_.combination)}};
      if (options_.combination == Combination::Weighted) combination["weights"] = own_weights();
      combination["outputs"] = combined_;
      model.metadata.emplace_back("braid.combination", json_text(combination));
    }
    constexpr std::int64_t kNodesHaveMetadata = 10;
    if (model.ir_version < kNodesHaveMetadata) describe_nodes_in_text(model.graph);
  }

  // Before IR 10 nodes have a text only.
  static void describe_nodes_in_text(Graph& graph) {
    for (Node& node : graph.nodes) {
      for (const auto& [key, value] : node.metadata) {
        if (key.starts_with("braid."))
          node.doc += (node.doc.empty() ? "" : "\n") + key + ": " + value;
      }
      std::erase_if(node.metadata,
                    [](const auto& entry) { return entry.first.starts_with("braid."); });
    }
  }

  const PreparedMembers& prepared_;
  const MergeOptions& options_;
  std::vector<std::size_t> members_;  // of this model
  MergedGraph merged_;
  SharedInputs shared_inputs_;
  NameSource symbols_;
  Symbols common_symbols_;
  std::unordered_map<std::string, std::size_t> group_of_;  // by name of node: for whom it was made
  std::map<std::string, std::int64_t> sizes_;  // MergeOptions::dims by symbol of the merged model
  MemberInputs inputs_;
  std::vector<std::vector<MemberOutput>> outputs_;                     // by member
  nlohmann::ordered_json combined_ = nlohmann::ordered_json::array();  // outputs that are so
  Merged result_;
};

}  // namespace

Merged assemble(const PreparedMembers& prepared, const std::vector<FoundGroup>& groups,
                const std::deque<ChosenFamily>& families, const MergeOptions& options) {
  return Assembler(prepared, options).run(groups, families);
}

}  // namespace braid
