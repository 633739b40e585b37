#pragma once

#include <memory>
#include <vector>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"

namespace braid::cuda {

/// Operands of a product, by which the strides of its axes are ordered.
enum ProductOperand : std::uint8_t { kA, kB, kY, kBiasOperand, kSummandOperand };
inline constexpr std::size_t kProductOperands = 5;

/// y[batch][row][column] = the sum over the depth of a[batch][row][depth] b[batch][depth][column].
struct BatchedProduct {
  std::vector<JointAxis> batch;  ///< as joined() leaves them
  JointAxis rows;
  JointAxis columns;
  JointAxis depth;
};

/// In the best form for it, once; where the batch has more than two axes, one for each index of the
/// outer ones. Null if these are too many. Inputs are those of ai.braid.MatMul, attributes its
/// activation.
std::unique_ptr<const BoundKernel> bind_product(const Operator& op, const BatchedProduct& product,
                                                const Target& target);

}  // namespace braid::cuda
