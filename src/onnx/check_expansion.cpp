#include "onnx/check_expansion.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "braid/error.hpp"
#include "braid/limits.hpp"

namespace braid {
namespace {

// What nodes become once each call is replaced by what it calls.
struct Extent {
  std::uint64_t nodes = 0;
  std::uint64_t depth = 0;  // of subgraphs within subgraphs
};

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

class Expansion {
 public:
  explicit Expansion(const onnx::ModelProto& model) {
    for (const auto& function : model.functions())
      functions_[{function.domain(), function.name(), function.overload()}].proto = &function;
  }

  template <class Nodes>
  Extent of(const Nodes& nodes) {
    Extent all;
    for (const onnx::NodeProto& node : nodes) {
      Extent own = of_call(node);
      for (const auto& attribute : node.attribute()) {
        if (attribute.has_g()) add_subgraph(of(attribute.g().node()), own);
        for (const auto& graph : attribute.graphs())
          add_subgraph(of(graph.node()), own);
      }
      all.nodes = sum(all.nodes, own.nodes);
      all.depth = std::max(all.depth, own.depth);
    }
    return all;
  }

 private:
  struct Function {
    const onnx::FunctionProto* proto = nullptr;
    bool is_open = false;  // being measured
    bool is_known = false;
    Extent extent;
  };

  static void add_subgraph(const Extent& subgraph, Extent& node) {
    node.nodes = sum(node.nodes, subgraph.nodes);
    node.depth = std::max(node.depth, sum(subgraph.depth, 1));
  }

  Extent of_call(const onnx::NodeProto& node) {
    const auto found = functions_.find({node.domain(), node.op_type(), node.overload()});
    if (found == functions_.end()) return {1, 0};
    Function& function = found->second;
    if (function.is_known) return function.extent;
    const std::string name = "function '" + node.op_type() + "'";
    if (function.is_open) throw Error(ErrorKind::BadInput, name + " calls itself");
    if (++open_ > limits().nesting) {
      throw Error(ErrorKind::BadInput, name + ": functions call each other more than " +
                                           std::to_string(limits().nesting) +
                                           " deep (see --nesting-limit)");
    }
    function.is_open = true;
    function.extent = of(function.proto->node());
    function.is_open = false;
    function.is_known = true;
    --open_;
    return function.extent;
  }

  std::map<std::tuple<std::string, std::string, std::string>, Function> functions_;
  int open_ = 0;
};

}  // namespace

void check_expansion(const onnx::ModelProto& model) {
  const Extent extent = Expansion(model).of(model.graph().node());
  if (extent.nodes > limits().nodes) {
    throw Error(ErrorKind::BadInput, "has " + std::to_string(extent.nodes) +
                                         " nodes with its functions expanded, more than the limit "
                                         "of " +
                                         std::to_string(limits().nodes) + " (see --node-limit)");
  }
  if (extent.depth > static_cast<std::uint64_t>(limits().nesting)) {
    throw Error(ErrorKind::BadInput, "its subgraphs are nested " + std::to_string(extent.depth) +
                                         " deep with its functions expanded, more than the limit "
                                         "of " +
                                         std::to_string(limits().nesting) +
                                         " (see --nesting-limit)");
  }
}

}  // namespace braid
