#include "braid/error.hpp"
#include "ir/describe_node.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/lower_graph.hpp"
#include "plan/missing_kernels.hpp"
#include "runtime/sequences.hpp"

namespace braid {
namespace {

bool is_runnable(const Type& type) {
  if (type.kind == Type::Kind::Sequence || type.kind == Type::Kind::Optional)
    return is_runnable(*type.inner);
  return type.kind == Type::Kind::Tensor || type.kind == Type::Kind::Unknown;
}

void check_port(const Graph& graph, ValueId id, const std::string& what) {
  const Value& value = graph.value(id);
  if (is_runnable(value.type)) return;
  throw Error(ErrorKind::Unsupported,
              what + " '" + value.name + "' has type " + to_string(value.type) +
                  "; this build runs tensors, and sequences and optionals of them");
}

bool has_only_tensors(const Graph& graph, const Node& node) {
  for (const auto* ids : {&node.inputs, &node.outputs}) {
    for (const ValueId id : *ids) {
      if (id == kAbsent) continue;
      const Type::Kind kind = graph.value(id).type.kind;
      if (kind != Type::Kind::Tensor && kind != Type::Kind::Unknown) return false;
    }
  }
  return true;
}

// Why a node cannot run; nothing if it can.
std::optional<std::string> find_obstacle(const Model& model, const Graph& graph, const Node& node,
                                         const Backend& backend) {
  if (runs_subgraphs(node)) return std::nullopt;
  if (has_subgraph(node)) return "it has subgraphs";
  if (node.domain.empty() && is_sequence_operator(node.op_type)) return std::nullopt;
  if (!has_only_tensors(graph, node)) return "its operands are not all tensors";
  KernelQuery query{node.domain, node.op_type, model.opset(node.domain), DType::Undefined};
  if (node.input(0) != kAbsent) query.dtype = graph.value(node.input(0)).type.dtype;
  if (backend.find_kernel(query) == nullptr) return "";
  return std::nullopt;
}

// Constants that nobody reads may be weightless.
void check_weights(const Graph& graph) {
  std::vector<std::string> weightless;
  const std::vector<int> readers = reader_counts(graph);
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    const Value& value = graph.values[v];
    if (readers[v] > 0 && value.is_constant() && !value.constant.has_data())
      weightless.push_back(value.name);
  }
  if (weightless.empty()) return;
  const std::size_t others = weightless.size() - 1;
  const std::string verb = others == 0 ? " has" : " and " + std::to_string(others) + " more have";
  throw Error(ErrorKind::BadInput, "weight '" + weightless[0] + "'" + verb +
                                       " no data; fill the model with `braid synth`");
}

void check_nodes(const Model& model, const Graph& graph, const Backend& backend,
                 MissingKernels& missing) {
  check_weights(graph);
  for (const Node& node : graph.nodes) {
    if (constant_of(node) != nullptr) continue;
    const auto obstacle = find_obstacle(model, graph, node, backend);
    if (obstacle) missing.add(operator_name(node), *obstacle, label_of(graph, node));
    for_each_subgraph(node,
                      [&](const GraphPtr& inner) { check_nodes(model, *inner, backend, missing); });
  }
}

}  // namespace

void check_operators(const Model& model, const Backend& backend) {
  const Graph& graph = model.graph;
  for (const ValueId id : graph.inputs)
    check_port(graph, id, "input");
  for (const ValueId id : graph.outputs)
    check_port(graph, id, "output");
  MissingKernels missing;
  check_nodes(model, graph, backend, missing);
  missing.report(backend.name());
}

}  // namespace braid
