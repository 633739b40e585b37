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

/// Whether kernels compute with it in float.
bool is_computed_in_float(DType dtype);

/// Numbers of a step, as ChainOp tells.
struct ChainParameters {
  float a = 0.0F;
  float b = 0.0F;
};

/// Writes a chain, value by value. If it has integers at all, each value is one of 64 bits or a
/// float; else all are floats, truth values too.
class ChainBuilder {
 public:
  /// For the operands of `op`.
  explicit ChainBuilder(const Operator& op);

  ChainValue input(std::size_t index, const braid::Operand& operand) const;

  bool has_integers() const { return has_integers_; }

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
  bool has_integers_ = false;
};

}  // namespace braid::cuda
