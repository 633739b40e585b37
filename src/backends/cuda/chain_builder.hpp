#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "backends/cuda/gpu.hpp"
#include "backends/cuda/launch_kernel.hpp"
#include "backends/elementwise_parameters.hpp"
#include "kernels/cuda/elementwise.hpp"
#include "plan/operator.hpp"

namespace braid::cuda {

/// An operand of a chain of elementwise operators, or what a step of it makes.
struct ChainValue {
  DType dtype = DType::Undefined;    ///< Undefined: absent
  const Tensor* constant = nullptr;  ///< of an operand, if known
  int number = -1;                   ///< as ChainStep counts
};

/// Whether kernels compute with it in float.
bool is_computed_in_float(DType dtype);

/// Writes a chain, value by value. If it has integers at all, each value is one of 64 bits or a
/// float; else all are floats, truth values too.
class ChainBuilder {
 public:
  /// For the operands of `op`, which outlives it. `has_integers` where none of them is one, but
  /// others are.
  explicit ChainBuilder(const Operator& op, bool has_integers = false);

  /// An operand that broadcasts to the output. Absent ones are values of type Undefined.
  ChainValue input(std::size_t index);

  /// An operand that is read with these strides, one per dim of the output, from an element on.
  ChainValue view(std::size_t index, std::vector<std::int64_t> strides, std::int64_t first = 0);

  /// The sum over the dims of an index of the output times a stride: an integer.
  ChainValue place(std::vector<std::int64_t> strides);

  /// An integer. Its copy on the device lives as long as the kernel.
  ChainValue number(std::int64_t value, Gpu& gpu);

  bool has_integers() const { return has_integers_; }

  /// A step that makes a value of type `result`; Undefined stands for that of what it reads first.
  ChainValue emit(ChainOp op, const std::vector<ChainValue>& from,
                  ElementwiseParameters parameters = {}, DType result = DType::Undefined);

  /// A kernel that computes `result`; null if the chain is too long, or its operands are of types
  /// that cannot be computed, or do not broadcast to the output.
  std::unique_ptr<const BoundKernel> finish(const ChainValue& result);

 private:
  // What an input of the chain reads: an operand, a number, or nothing, as places do.
  struct Source {
    std::optional<std::size_t> operand;
    std::shared_ptr<const std::byte> bytes;
    Stored stored = Stored::Float;
    std::vector<std::int64_t> strides;
    std::int64_t first = 0;  // byte
  };

  ChainValue add(Source source, DType dtype, const Tensor* constant);
  void drop_unread();
  LaunchPlan plan_of(const ChainArgs& args) const;

  const Operator& op_;
  std::vector<Source> sources_;
  std::vector<ChainStep> steps_;
  bool is_computable_ = true;
  bool has_integers_ = false;
};

}  // namespace braid::cuda
