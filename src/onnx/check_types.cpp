#include "onnx/check_types.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "braid/error.hpp"
#include "onnx/defs/schema.h"
#include "onnx/guarded_schemas.hpp"
#include "onnx/shape_inference/implementation.h"

namespace braid {
namespace {

std::string known_domain(const std::string& domain) {
  return domain == "ai.onnx" ? "" : domain;
}

// Of a graph and those around it.
using TypedNames = std::unordered_set<std::string>;

template <class Infos>
void add_typed(const Infos& infos, TypedNames& names) {
  for (const onnx::ValueInfoProto& info : infos) {
    if (info.type().value_case() != onnx::TypeProto::VALUE_NOT_SET) names.insert(info.name());
  }
}

void add_typed(const onnx::GraphProto& graph, TypedNames& names) {
  add_typed(graph.input(), names);
  add_typed(graph.value_info(), names);
  add_typed(graph.output(), names);
  for (const auto& initializer : graph.initializer())
    names.insert(initializer.name());
  for (const auto& initializer : graph.sparse_initializer())
    names.insert(initializer.values().name());
}

// Inference reports nodes that read values without a type as it does wrong ones, and says nothing
// more once it met an operator that it does not know. Without those, what it reports is wrong.
class UnjudgedNodes {
 public:
  explicit UnjudgedNodes(const onnx::ModelProto& model) {
    for (const auto& opset : model.opset_import())
      versions_[known_domain(opset.domain())] = static_cast<int>(opset.version());
  }

  // Also in subgraphs.
  bool knows_all(const onnx::GraphProto& graph) const {
    return std::ranges::all_of(graph.node(), [&](const onnx::NodeProto& node) {
      return knows(node) && std::ranges::all_of(node.attribute(), [&](const auto& attribute) {
               return (!attribute.has_g() || knows_all(attribute.g())) &&
                      std::ranges::all_of(attribute.graphs(),
                                          [&](const auto& inner) { return knows_all(inner); });
             });
    });
  }

  void drop(onnx::GraphProto& graph, TypedNames typed = {}) const {
    add_typed(graph, typed);
    auto& nodes = *graph.mutable_node();
    const auto is_typed = [&](const std::string& name) {
      return name.empty() || typed.contains(name);
    };
    const auto kept = std::stable_partition(nodes.begin(), nodes.end(), [&](const auto& node) {
      return knows(node) && std::all_of(node.input().begin(), node.input().end(), is_typed);
    });
    nodes.erase(kept, nodes.end());
    for (onnx::NodeProto& node : nodes) {
      for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.has_g()) drop(*attribute.mutable_g(), typed);
        for (onnx::GraphProto& inner : *attribute.mutable_graphs())
          drop(inner, typed);
      }
    }
  }

 private:
  bool knows(const onnx::NodeProto& node) const {
    const std::string domain = known_domain(node.domain());
    const auto version = versions_.find(domain);
    if (version == versions_.end()) return false;
    const onnx::OpSchema* schema =
        onnx::OpSchemaRegistry::Schema(node.op_type(), version->second, domain);
    return schema != nullptr && schema->has_type_and_shape_inference_function();
  }

  std::unordered_map<std::string, int> versions_;
};

using Infos = google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>;

void forget_declared_shapes(onnx::GraphProto& graph) {
  for (Infos* infos : {graph.mutable_value_info(), graph.mutable_output()}) {
    for (onnx::ValueInfoProto& info : *infos) {
      if (info.type().has_tensor_type()) info.mutable_type()->mutable_tensor_type()->clear_shape();
    }
  }
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) forget_declared_shapes(*attribute.mutable_g());
      for (onnx::GraphProto& inner : *attribute.mutable_graphs())
        forget_declared_shapes(inner);
    }
  }
}

bool contradicts(const onnx::TensorShapeProto& a, const onnx::TensorShapeProto& b) {
  const auto differ = [](const auto& x, const auto& y) {
    return x.has_dim_value() && y.has_dim_value() && x.dim_value() != y.dim_value();
  };
  return a.dim_size() != b.dim_size() ||
         !std::equal(a.dim().begin(), a.dim().end(), b.dim().begin(), std::not_fn(differ));
}

// `inferred` is the same graph.
void correct_declared_shapes(const onnx::GraphProto& inferred, onnx::GraphProto& graph) {
  std::unordered_map<std::string, const onnx::TensorShapeProto*> shapes;
  for (const Infos* infos : {&inferred.value_info(), &inferred.output()}) {
    for (const onnx::ValueInfoProto& info : *infos) {
      const auto& tensor = info.type().tensor_type();
      if (tensor.has_shape()) shapes.emplace(info.name(), &tensor.shape());
    }
  }
  for (Infos* infos : {graph.mutable_value_info(), graph.mutable_output()}) {
    for (onnx::ValueInfoProto& info : *infos) {
      const auto found = shapes.find(info.name());
      if (found == shapes.end() || !info.type().tensor_type().has_shape()) continue;
      auto& declared = *info.mutable_type()->mutable_tensor_type()->mutable_shape();
      if (contradicts(declared, *found->second)) declared = *found->second;
    }
  }
  for (int n = 0; n < graph.node_size(); ++n) {
    for (int a = 0; a < graph.node(n).attribute_size(); ++a) {
      const onnx::AttributeProto& from = inferred.node(n).attribute(a);
      onnx::AttributeProto& to = *graph.mutable_node(n)->mutable_attribute(a);
      if (to.has_g()) correct_declared_shapes(from.g(), *to.mutable_g());
      for (int g = 0; g < to.graphs_size(); ++g)
        correct_declared_shapes(from.graphs(g), *to.mutable_graphs(g));
    }
  }
}

enum class OnErrors { Ignore, Throw };

void infer(onnx::ModelProto& model, OnErrors on_errors) {
  const bool is_strict = on_errors == OnErrors::Throw;
  onnx::shape_inference::InferShapes(
      model, &GuardedSchemas::instance(),
      onnx::ShapeInferenceOptions(is_strict, is_strict ? 1 : 0, /*data_prop=*/true));
}

bool is_inferred_without_errors(onnx::ModelProto& model) {
  try {
    infer(model, OnErrors::Throw);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// "(op_type:Add, node name: y): [ShapeInferenceError] why" => "node 'y' (Add): why"
std::string cause_of(const std::exception& error) {
  std::string text = error.what();
  for (const char* word :
       {"[ShapeInferenceError] ", "[TypeInferenceError] ", "Inference error(s): "})
    replace_all(text, word, "");
  constexpr std::string_view kOperator = "(op_type:";
  constexpr std::string_view kName = ", node name: ";
  for (auto at = text.find(kOperator); at != text.npos; at = text.find(kOperator, at)) {
    const auto name = text.find(kName, at);
    const auto end = text.find("): ", at);
    if (name == text.npos || end == text.npos || end < name) break;
    const auto op = at + kOperator.size();
    const auto first = name + kName.size();
    const std::string spelled =
        "node '" + text.substr(first, end - first) + "' (" + text.substr(op, name - op) + ")";
    text.replace(at, end + 1 - at, spelled);
    at += spelled.size();
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

void infer_and_check_types(onnx::ModelProto& model) {
  const UnjudgedNodes unjudged(model);
  if (unjudged.knows_all(model.graph()) && is_inferred_without_errors(model)) return;
  try {
    onnx::ModelProto undeclared = model;
    forget_declared_shapes(*undeclared.mutable_graph());
    infer(undeclared, OnErrors::Ignore);
    correct_declared_shapes(undeclared.graph(), *model.mutable_graph());
    infer(model, OnErrors::Ignore);
    onnx::ModelProto judged = model;
    unjudged.drop(*judged.mutable_graph());
    infer(judged, OnErrors::Throw);
  } catch (const std::exception& error) {
    throw Error(ErrorKind::BadInput, cause_of(error));
  }
}

}  // namespace braid
