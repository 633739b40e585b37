#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "backends/cuda/launch_kernel.hpp"
#include "kernels/cuda/elementwise.hpp"
#include "plan/operator.hpp"

namespace braid::cuda {

/// An operand of a chain of elementwise operators, or what a step of it makes.
struct ChainValue {
  DType dtype = DType::Undefined;    ///< Undefined: absent
  const Tensor* constant = nullptr;  ///< of an operand, if known
  int number = -1;                   ///< as ChainStep counts; of operands set when they are read
  std::size_t input = 0;             ///< of the kernel, if no step makes the value
};

/// Numbers of a step, as ChainOp tells.
struct ChainParameters {
  float a = 0.0F;
  float b = 0.0F;
};

/// Writes a chain, value by value. All of it is computed in float, or all in integers of 64 bits.
class ChainBuilder {
 public:
  ChainValue input(std::size_t index, const braid::Operand& operand) const;

  /// A step that makes a value of type `result`; Undefined stands for that of what it reads first.
  ChainValue emit(ChainOp op, const std::vector<ChainValue>& from, ChainParameters parameters = {},
                  DType result = DType::Undefined);

  /// A kernel that computes `result`; null if the chain is too long, its operands are of types that
  /// cannot be computed together, or do not broadcast to the output. `op` lends operands.
  std::unique_ptr<const BoundKernel> finish(const ChainValue& result, const Operator& op);

 private:
  int number_of(const ChainValue& value);
  bool set_types(const Operator& op, ChainArgs& args) const;

  std::vector<std::size_t> read_;  // input of the kernel, by input of the chain
  std::vector<ChainStep> steps_;
  bool has_float_step_ = false;
};

}  // namespace braid::cuda
