// Each node is converted alone, in a model of its own: weights, names, subgraphs, sequences and
// metadata, which ONNX's converter copies or loses, never pass through it.

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/schema.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "onnx/checker.h"
#include "onnx/inline_functions.hpp"
#include "onnx/proto.hpp"
#include "onnx/version_converter.hpp"

namespace braid {
namespace {

const VersionConverter& converter() {
  static const VersionConverter instance;
  return instance;
}

// What an adapter says, without where in the library's sources it says so.
std::string cause_of(const std::exception& error) {
  constexpr std::string_view kMark = "failed: ";
  const std::string text = error.what();
  const std::size_t mark = text.rfind(kMark);
  return mark == std::string::npos ? text : text.substr(mark + kMark.size());
}

std::vector<ValueId> distinct(const std::vector<ValueId>& ids) {
  std::vector<ValueId> result;
  for (const ValueId id : ids) {
    if (id != kAbsent && std::find(result.begin(), result.end(), id) == result.end())
      result.push_back(id);
  }
  return result;
}

// One node as a model: its inputs are graph inputs, small constants (scales) keep their data.
class NodeModel {
 public:
  NodeModel(const Graph& graph, const Node& node, std::int64_t opset) {
    model_.ir_version = onnx::IR_VERSION;
    model_.opsets = {{"", opset}};
    Graph& alone = model_.graph;
    alone.name = "node";
    inner_.assign(graph.values.size(), kAbsent);
    for (const ValueId id : distinct(node.inputs))
      add_input(graph, id);
    Node copy = node;
    for (ValueId& id : copy.inputs)
      id = id == kAbsent ? kAbsent : inner_[static_cast<std::size_t>(id)];
    while (!copy.outputs.empty() && copy.outputs.back() == kAbsent)
      copy.outputs.pop_back();
    for (ValueId& id : copy.outputs)
      id = add_output(graph, id);
    alone.nodes.push_back(std::move(copy));
  }

  const Model& model() const { return model_; }
  void set_opset(std::int64_t opset) { model_.opsets = {{"", opset}}; }

  /// False if the type of some input is not known; then the checker has nothing to go by.
  bool is_typed() const {
    const Graph& alone = model_.graph;
    return std::none_of(alone.inputs.begin(), alone.inputs.end(), [&](ValueId id) {
      return alone.value(id).type.kind == Type::Kind::Unknown;
    });
  }

  /// The value that a name of this model stands for; absent for those that the converter made and
  /// for outputs that the node leaves out.
  ValueId outer(const std::string& name) const {
    const auto found = outer_.find(name);
    return found == outer_.end() ? kAbsent : found->second;
  }
  bool is_known(const std::string& name) const { return outer_.contains(name); }

 private:
  void add_input(const Graph& graph, ValueId id) {
    constexpr std::size_t kSmall = 256;
    const Value& value = graph.value(id);
    const std::string name = "input_" + std::to_string(outer_.size());
    const bool is_small = value.constant.has_data() && value.constant.bytes() <= kSmall &&
                          value.constant.dtype() != DType::String && !graph.is_input(id);
    Graph& alone = model_.graph;
    const ValueId added =
        is_small ? alone.add_constant(name, value.constant) : alone.add_value(name, type_of(value));
    if (!is_small) alone.inputs.push_back(added);
    inner_[static_cast<std::size_t>(id)] = added;
    outer_.emplace(name, id);
  }

  ValueId add_output(const Graph& graph, ValueId id) {
    const std::string name = "output_" + std::to_string(outer_.size());
    outer_.emplace(name, id);
    const ValueId added = model_.graph.add_value(name);
    if (id == kAbsent) return added;
    model_.graph.value(added).type = graph.value(id).type;
    model_.graph.outputs.push_back(added);
    return added;
  }

  static Type type_of(const Value& value) {
    if (!value.is_constant()) return value.type;
    Shape shape;
    for (const std::int64_t dim : value.constant.dims())
      shape.push_back(Dim::known(dim));
    return Type::tensor(value.constant.dtype(), std::move(shape));
  }

  Model model_;
  std::vector<ValueId> inner_;  // by value of the graph
  std::map<std::string, ValueId> outer_;
};

class OpsetConverter {
 public:
  OpsetConverter(Model& model, std::int64_t target)
      : model_(model), from_(model.opset()), target_(target), names_(model.graph) {}

  void run() {
    convert(model_.graph);
    if (refused_.empty()) return;
    std::string list;
    for (const std::string& item : refused_)
      list += (list.empty() ? "" : "; ") + item;
    throw Error(ErrorKind::CannotMerge, "opset " + std::to_string(from_) +
                                            " does not convert to opset " +
                                            std::to_string(target_) + ": " + list);
  }

 private:
  using Step = VersionConverter::Step;

  void convert(Graph& graph) {
    std::vector<Node> nodes = std::move(graph.nodes);
    graph.nodes.clear();
    for (Node& node : nodes) {
      convert_subgraphs(node);
      if (!node.domain.empty()) {
        graph.nodes.push_back(std::move(node));
      } else {
        convert_node(graph, std::move(node));
      }
    }
  }

  // Copies of the model may share its subgraphs, so each is replaced, not changed.
  void convert_subgraphs(Node& node) {
    const auto converted = [&](const GraphPtr& inner) {
      auto copy = std::make_shared<Graph>(*inner);
      convert(*copy);
      return copy;
    };
    for (Attribute& attribute : node.attributes) {
      if (auto* one = std::get_if<GraphPtr>(&attribute.value)) *one = converted(*one);
      if (auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
        for (GraphPtr& inner : *many)
          inner = converted(inner);
      }
    }
  }

  void convert_node(Graph& graph, Node node) {
    Step change = Step::Same;
    for (std::int64_t opset = from_; opset < target_ && change < Step::Adapted; ++opset) {
      change = std::max(change, converter().step(node.op_type, opset));
      if (change == Step::Missing) {
        refuse(node, "no conversion from opset " + std::to_string(opset) + " to " +
                         std::to_string(opset + 1) + " is known");
      }
    }
    if (change == Step::Adapted) {
      adapt(graph, node);
      return;
    }
    if (change == Step::Widened) check_widened(graph, node);
    graph.nodes.push_back(std::move(node));
  }

  // The definition covers all that the old one allowed, so it must accept the node as it is.
  void check_widened(const Graph& graph, const Node& node) {
    if (has_subgraph(node)) return;
    NodeModel alone(graph, node, target_);
    if (!alone.is_typed()) return;
    try {
      check(alone);
    } catch (const std::exception& error) {
      alone.set_opset(from_);
      if (is_accepted(alone)) refuse(node, cause_of(error));
    }
  }

  static void check(const NodeModel& alone) {
    const onnx::ModelProto proto = model_to_proto(alone.model(), [](const auto&) { return true; });
    onnx::checker::check_model(proto, /*full_check=*/true);
  }

  static bool is_accepted(const NodeModel& alone) {
    try {
      check(alone);
    } catch (const std::exception&) {
      return false;
    }
    return true;
  }

  void adapt(Graph& graph, const Node& node) {
    const NodeModel alone(graph, node, from_);
    try {
      const onnx::ModelProto converted = converter().convert_version(
          model_to_proto(alone.model(), [](const auto&) { return true; }), onnx::OpSetID(from_),
          onnx::OpSetID(target_));
      if (alone.is_typed()) onnx::checker::check_model(converted, /*full_check=*/true);
      WeightFiles none("converted node");
      splice(graph, node, alone, model_from_proto(converted, none).graph);
    } catch (const std::exception& error) {
      refuse(node, cause_of(error));
    }
  }

  // Puts the nodes of `converted` in the place of `node`.
  void splice(Graph& graph, const Node& node, const NodeModel& alone, Graph converted) {
    std::vector<ValueId> places(converted.values.size(), kAbsent);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Value& value = converted.values[i];
      if (alone.is_known(value.name)) {
        places[i] = alone.outer(value.name);
      } else if (value.is_constant()) {
        places[i] = graph.add_constant(names_.unique(node.name + "/constant"), value.constant);
      } else {
        places[i] = graph.add_value(names_.unique(node.name + "/converted"));
      }
    }
    const auto place = [&](ValueId id) {
      return id == kAbsent ? kAbsent : places[static_cast<std::size_t>(id)];
    };
    for (Node& added : converted.nodes) {
      std::transform(added.inputs.begin(), added.inputs.end(), added.inputs.begin(), place);
      std::transform(added.outputs.begin(), added.outputs.end(), added.outputs.begin(), place);
      added.metadata = node.metadata;
      added.device_configurations = node.device_configurations;
      graph.nodes.push_back(std::move(added));
    }
  }

  void refuse(const Node& node, const std::string& cause) {
    const std::string named = node.name.empty() ? "" : " '" + node.name + "'";
    refused_.insert(node.op_type + named + " (" + cause + ")");
  }

  Model& model_;
  std::int64_t from_;
  std::int64_t target_;
  NameSource names_;
  std::set<std::string> refused_;
};

void for_each_node(const Graph& graph, const std::function<void(const Node&)>& visit) {
  for (const Node& node : graph.nodes) {
    visit(node);
    for_each_subgraph(node, [&](const GraphPtr& inner) { for_each_node(*inner, visit); });
  }
}

// No converter exists for this domain: its operators must be defined alike in both versions.
void check_same_definitions(const Model& model, const std::string& domain, std::int64_t target) {
  const std::int64_t from = model.opset(domain);
  std::set<std::string> changed;
  for_each_node(model.graph, [&](const Node& node) {
    if (node.domain != domain) return;
    const auto before = schema_version(domain, node.op_type, from);
    if (!before || before != schema_version(domain, node.op_type, target))
      changed.insert(node.op_type);
  });
  if (changed.empty()) return;
  std::string list;
  for (const std::string& op : changed)
    list += (list.empty() ? "" : ", ") + op;
  throw Error(ErrorKind::CannotMerge, "version " + std::to_string(from) + " of domain '" + domain +
                                          "' does not convert to version " +
                                          std::to_string(target) + ": " + list);
}

}  // namespace

void convert_opset(Model& model, const std::string& domain, std::int64_t target) {
  const std::int64_t from = model.opset(domain);
  if (from >= target) return;
  inline_functions(model);
  if (domain.empty()) {
    infer_types(model);
    OpsetConverter(model, target).run();
  } else {
    check_same_definitions(model, domain, target);
  }
  for (auto& [name, version] : model.opsets) {
    if (name == domain || (domain.empty() && name == "ai.onnx")) version = target;
  }
  if (domain.empty()) infer_types(model);
}

}  // namespace braid
