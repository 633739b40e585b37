#include "runtime/subgraph_kernel.hpp"

#include <algorithm>

#include "braid/error.hpp"
#include "runtime/reference_call.hpp"

namespace braid {
namespace {

// The dims of a body's output, with 0 where the body does not say.
std::vector<std::int64_t> dims_without_turns(const Type& type) {
  std::vector<std::int64_t> dims;
  if (!type.shape) return dims;
  for (const Dim& dim : *type.shape)
    dims.push_back(dim.is_known() ? dim.size : 0);
  return dims;
}

Tensor empty_tensor(DType dtype, std::vector<std::int64_t> dims) {
  return dtype == DType::String ? Tensor::strings(std::move(dims), {})
                                : Tensor::allocate(dtype, std::move(dims));
}

}  // namespace

SubgraphKernel::SubgraphKernel(const ControlFlow& node)
    : input_count_(node.input_count), outputs_(node.outputs), subgraphs_(node.subgraphs) {}

const Subgraph& SubgraphKernel::subgraph(std::string_view attribute) const {
  for (const Subgraph& each : subgraphs_) {
    if (each.attribute == attribute) return each;
  }
  throw Error(ErrorKind::BadInput, "it lacks the subgraph '" + std::string(attribute) + "'");
}

std::vector<Datum> SubgraphKernel::run_subgraph(const Subgraph& subgraph, std::vector<Datum> own,
                                                std::span<const Datum> inputs) {
  if (own.size() != subgraph.inputs.size()) {
    throw Error(ErrorKind::BadInput, "its subgraph '" + subgraph.attribute + "' takes " +
                                         std::to_string(subgraph.inputs.size()) +
                                         " inputs instead of " + std::to_string(own.size()));
  }
  for (const std::size_t i : subgraph.captured)
    own.push_back(inputs[i]);
  return subgraph.executable.run(own);
}

Tensor SubgraphKernel::stack_turns(const Subgraph& body, std::size_t body_output,
                                   std::size_t output, const std::vector<Tensor>& turns,
                                   std::int64_t axis) const {
  if (!turns.empty()) return stack_along(axis, turns);
  const Type& inferred = outputs_[output];
  const Type& declared = body.outputs[body_output];
  const DType dtype = inferred.dtype != DType::Undefined ? inferred.dtype : declared.dtype;
  if (dtype == DType::Undefined) {
    throw Error(ErrorKind::Unsupported,
                "the type of output " + std::to_string(output) + " is not known without a turn");
  }
  std::vector<std::int64_t> dims = dims_without_turns(inferred.shape ? inferred : declared);
  const auto rank = static_cast<std::int64_t>(dims.size()) + (inferred.shape ? 0 : 1);
  const std::int64_t at = std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1);
  if (!inferred.shape) dims.insert(dims.begin() + at, 0);
  dims[static_cast<std::size_t>(at)] = 0;
  return empty_tensor(dtype, std::move(dims));
}

bool is_control_flow(std::string_view op) {
  return op == "If" || op == "Loop" || op == "Scan" || op == "SequenceMap";
}

std::unique_ptr<LooseKernel> make_control_flow_kernel(const ControlFlow& node) {
  if (node.op == "If") return make_if(node);
  if (node.op == "Loop") return make_loop(node);
  if (node.op == "Scan") return make_scan(node);
  return make_sequence_map(node);
}

}  // namespace braid
