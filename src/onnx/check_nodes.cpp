#include "onnx/check_nodes.hpp"

#include <string>
#include <unordered_map>

#include "braid/error.hpp"
#include "onnx/defs/schema.h"

namespace braid {
namespace {

std::string known_domain(const std::string& domain) {
  return domain == "ai.onnx" ? "" : domain;
}

// By the field that is set.
onnx::AttributeProto::AttributeType type_of(const onnx::AttributeProto& attribute) {
  using P = onnx::AttributeProto;
  return attribute.has_f()              ? P::FLOAT
         : attribute.has_i()            ? P::INT
         : attribute.has_s()            ? P::STRING
         : attribute.has_t()            ? P::TENSOR
         : attribute.has_g()            ? P::GRAPH
         : !attribute.floats().empty()  ? P::FLOATS
         : !attribute.ints().empty()    ? P::INTS
         : !attribute.strings().empty() ? P::STRINGS
                                        : P::UNDEFINED;
}

class NodeChecker {
 public:
  template <class Opsets>
  NodeChecker(const std::filesystem::path& path, const Opsets& opsets) : path_(path) {
    for (const auto& opset : opsets)
      versions_[known_domain(opset.domain())] = static_cast<int>(opset.version());
  }

  template <class Nodes>
  void check(Nodes& nodes) const {
    for (onnx::NodeProto& node : nodes) {
      for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.type() == onnx::AttributeProto::UNDEFINED)
          attribute.set_type(type_of(attribute));
        if (attribute.type() == onnx::AttributeProto::UNDEFINED)
          fail(node, "attribute '" + attribute.name() + "' has no type");
        if (attribute.has_g()) check(*attribute.mutable_g()->mutable_node());
        for (onnx::GraphProto& graph : *attribute.mutable_graphs())
          check(*graph.mutable_node());
      }
      verify(node);
    }
  }

 private:
  void verify(const onnx::NodeProto& node) const {
    const std::string domain = known_domain(node.domain());
    const auto version = versions_.find(domain);
    if (version == versions_.end()) return;
    const onnx::OpSchema* schema =
        onnx::OpSchemaRegistry::Schema(node.op_type(), version->second, domain);
    if (schema == nullptr || schema->Deprecated()) return;
    try {
      schema->Verify(node);
    } catch (const std::exception& error) {
      fail(node, error.what());
    }
  }

  [[noreturn]] void fail(const onnx::NodeProto& node, const std::string& cause) const {
    throw Error(ErrorKind::BadInput, path_.string() + ": node '" + node.name() + "' (" +
                                         node.op_type() + "): " + cause +
                                         "; export the model again");
  }

  const std::filesystem::path& path_;
  std::unordered_map<std::string, int> versions_;
};

}  // namespace

void check_nodes(onnx::ModelProto& model, const std::filesystem::path& path) {
  NodeChecker(path, model.opset_import()).check(*model.mutable_graph()->mutable_node());
  for (onnx::FunctionProto& function : *model.mutable_functions())
    NodeChecker(path, function.opset_import()).check(*function.mutable_node());
}

}  // namespace braid
