#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "braid/attribute.hpp"
#include "braid/compile.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// A subgraph of a node, made ready to run. Its inputs are those that it declares, and behind them
/// the values that it captures.
struct Subgraph {
  std::string attribute;  ///< of the node: "body", "then_branch"
  Executable executable;
  std::vector<Type> inputs;           ///< declared
  std::vector<Type> outputs;          ///< declared
  std::vector<std::size_t> captured;  ///< each as an input of the kernel
};

/// A node that runs subgraphs. What these capture stands behind the node's own inputs.
struct ControlFlow {
  std::string_view op;
  std::int64_t opset = 0;
  const Attributes& attributes;
  std::size_t input_count = 0;  ///< the node's own
  std::vector<Type> outputs;    ///< as inferred
  std::vector<Subgraph> subgraphs;
};

/// Whether an operator of ai.onnx is one of If, Loop, Scan and SequenceMap.
bool is_control_flow(std::string_view op);

/// Throws Error (BadInput) if a subgraph is missing or has other inputs or outputs than it must.
std::unique_ptr<LooseKernel> make_control_flow_kernel(const ControlFlow& node);

}  // namespace braid
