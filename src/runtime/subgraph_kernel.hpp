#pragma once

#include "runtime/control_flow.hpp"

namespace braid {

/// What all nodes with subgraphs have in common.
class SubgraphKernel : public LooseKernel {
 public:
  explicit SubgraphKernel(const ControlFlow& node);

  std::string name() const override { return "subgraph"; }

 protected:
  /// The subgraph of that attribute. Throws Error (BadInput) if there is none.
  const Subgraph& subgraph(std::string_view attribute) const;

  /// Outputs of the subgraph; `inputs` are all of the kernel, for what it captures.
  static std::vector<Datum> run_subgraph(const Subgraph& subgraph, std::vector<Datum> own,
                                         std::span<const Datum> inputs);

  /// The node's own inputs.
  std::span<const Datum> own_inputs(std::span<const Datum> inputs) const {
    return inputs.first(input_count_);
  }

  /// Joins what the turns have yielded for output `output` of the node, which is output
  /// `body_output` of the body, along a new axis. Without turns, dims that are not known are 0.
  Tensor stack_turns(const Subgraph& body, std::size_t body_output, std::size_t output,
                     const std::vector<Tensor>& turns, std::int64_t axis) const;

  const std::vector<Type>& output_types() const { return outputs_; }

 private:
  std::size_t input_count_;
  std::vector<Type> outputs_;
  std::vector<Subgraph> subgraphs_;
};

std::unique_ptr<LooseKernel> make_if(const ControlFlow& node);
std::unique_ptr<LooseKernel> make_loop(const ControlFlow& node);
std::unique_ptr<LooseKernel> make_scan(const ControlFlow& node);
std::unique_ptr<LooseKernel> make_sequence_map(const ControlFlow& node);

}  // namespace braid
