#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "braid/attribute.hpp"
#include "braid/tensor.hpp"

namespace braid {

/// Of operators that the passes in src/plan/fuse make; their files say what they compute.
inline constexpr std::string_view kFusedDomain = "ai.braid";

/// A float attribute of operators that compute element by element: the largest number that their
/// output holds. What is finite in float, but beyond it, becomes that number with its sign.
inline constexpr const char* kFiniteLimit = "finite_limit";

/// An operand of known dims.
struct Operand {
  DType dtype = DType::Undefined;  ///< Undefined: absent
  std::vector<std::int64_t> dims;
  const Tensor* constant = nullptr;  ///< null if it is computed at run time

  /// An input of a Concat that has been computed right where the output has it.
  bool is_in_place = false;

  /// Of the type and dims of the first output, and nobody reads it afterwards: that output may be
  /// written over it (BoundKernel::overwrites()).
  bool is_overwritable = false;

  bool is_absent() const { return dtype == DType::Undefined; }
};

/// What a backend is asked to bind a kernel to: an operator and its operands, all of known dims.
struct Operator {
  std::string_view domain;  ///< "" is ai.onnx; or kFusedDomain
  std::string_view name;
  std::int64_t opset = 0;
  const Attributes& attributes;
  std::vector<Operand> inputs;
  std::vector<Operand> outputs;

  bool has_input(std::size_t i) const { return i < inputs.size() && !inputs[i].is_absent(); }
};

}  // namespace braid
