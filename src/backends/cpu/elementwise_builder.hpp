#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/elementwise_parameters.hpp"
#include "kernels/cpu/elementwise.hpp"
#include "plan/operator.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// An operand, or what an instruction makes.
struct ElementwiseValue {
  DType dtype = DType::Undefined;
  const Tensor* constant = nullptr;  ///< of an operand, if known
  std::size_t input = 0;             ///< of the kernel, if no instruction makes the value
  int instruction = -1;
};

/// Writes an elementwise program, value by value, and gives these registers.
class ElementwiseBuilder {
 public:
  /// An operand of the kernel; float16 and bfloat16 are converted to float, in which all is
  /// computed.
  ElementwiseValue input(std::size_t index, const Operand& operand);

  /// `result` Undefined stands for the type of what is read first.
  ElementwiseValue emit(cpu::Opcode opcode, const std::vector<ElementwiseValue>& from,
                        ElementwiseParameters parameters = {}, DType result = DType::Undefined);

  /// Emits what selects between values whose type is that of the second.
  ElementwiseValue emit_where(const ElementwiseValue& condition, const ElementwiseValue& x,
                              const ElementwiseValue& y);

  /// A kernel that computes `result`, rounded to the output's type if that has 16 bits; null if
  /// there is no code for it. `inputs` are all that the kernel has.
  std::unique_ptr<const BoundKernel> finish(const ElementwiseValue& result,
                                            std::vector<Operand> inputs, const Operand& output,
                                            std::string name);

 private:
  struct Draft {
    cpu::Instruction instruction;  // without places
    std::vector<ElementwiseValue> from;
  };

  std::vector<Draft> drafts_;
};

}  // namespace braid
