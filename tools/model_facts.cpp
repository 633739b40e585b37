#include "tools/model_facts.hpp"

#include <algorithm>
#include <variant>

#include "tools/model_files.hpp"

namespace {

void count_nodes(const braid::Graph& graph, ModelFacts& facts) {
  for (const braid::Node& node : graph.nodes) {
    ++facts.nodes;
    ++facts.operators[node.domain.empty() ? node.op_type : node.domain + "." + node.op_type];
    for (const braid::Attribute& attribute : node.attributes) {
      if (const auto* body = std::get_if<braid::GraphPtr>(&attribute.value)) {
        if (*body) count_nodes(**body, facts);
      } else if (const auto* bodies = std::get_if<std::vector<braid::GraphPtr>>(&attribute.value)) {
        for (const braid::GraphPtr& each : *bodies)
          count_nodes(*each, facts);
      }
    }
  }
}

void add_symbols(const braid::Type& type, std::vector<std::string>& symbols) {
  if (!type.shape) return;
  for (const braid::Dim& dim : *type.shape) {
    if (dim.is_known()) continue;
    const std::string symbol = dim.symbol.empty() ? "?" : dim.symbol;
    if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) {
      symbols.push_back(symbol);
    }
  }
}

Json json_ports(const std::vector<braid::Port>& ports) {
  Json list = Json::array();
  for (const braid::Port& port : ports)
    list.push_back(json_port(port.name, port.type));
  return list;
}

}  // namespace

ModelFacts facts_of(const braid::Member& member) {
  const braid::Model& model = member.model;
  const braid::Graph& graph = model.graph;
  ModelFacts facts;
  facts.path = member.path.string();
  facts.name = member.name;
  facts.producer = model.producer_name;
  if (!model.producer_version.empty()) facts.producer += " " + model.producer_version;
  facts.ir_version = model.ir_version;
  for (const auto& [domain, version] : model.opsets) {
    facts.opsets.push_back((domain.empty() ? "ai.onnx" : domain) + " " + std::to_string(version));
  }
  for (const braid::ValueId id : graph.inputs) {
    const braid::Value& value = graph.value(id);
    if (value.is_constant()) continue;
    facts.inputs.push_back({value.name, value.type});
    add_symbols(value.type, facts.dynamic_dims);
  }
  for (const braid::ValueId id : graph.outputs) {
    facts.outputs.push_back({graph.value(id).name, graph.value(id).type});
  }
  for (const braid::Value& value : graph.values) {
    if (!value.is_constant()) continue;
    const braid::Tensor& tensor = value.constant;
    if (braid::is_float(tensor.dtype())) facts.parameters += tensor.size();
    facts.bytes[std::string(braid::dtype_name(tensor.dtype()))] += tensor.bytes();
  }
  facts.weightless = static_cast<std::int64_t>(weightless_names(graph).size());
  facts.functions = static_cast<std::int64_t>(model.functions.size());
  count_nodes(graph, facts);
  return facts;
}

Json json_facts(const ModelFacts& facts) {
  return {{"path", facts.path},
          {"name", facts.name},
          {"producer", facts.producer},
          {"ir_version", facts.ir_version},
          {"opsets", facts.opsets},
          {"inputs", json_ports(facts.inputs)},
          {"outputs", json_ports(facts.outputs)},
          {"dynamic_dims", facts.dynamic_dims},
          {"nodes", facts.nodes},
          {"operators", facts.operators},
          {"functions", facts.functions},
          {"parameters", facts.parameters},
          {"bytes", facts.bytes},
          {"weightless", facts.weightless}};
}
