#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "kernels/cuda/gemm_members.hpp"

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

/// What MatMul and ai.braid.MatMul (a, b, bias, summand) compute; nothing if the operands are of
/// several types or do not fit.
std::optional<BatchedProduct> matmul_product(const Operator& op);

/// Without addresses: the last two axes of the batch, of which the inner one is the member's.
GemmMembersArgs gemm_args(const Operator& op, const BatchedProduct& product);

/// Where the products of the other axes start: offsets in elements, by operand.
std::vector<std::vector<std::int64_t>> outer_offsets(const BatchedProduct& product);

/// Sets the addresses: inputs of ai.braid.MatMul, moved by such offsets.
void set_addresses(std::span<const std::byte* const> inputs, std::byte* y,
                   std::span<const std::int64_t> offsets, Element element, GemmMembersArgs& args);

/// In the best form for it, once; where the batch has more than two axes, one for each index of the
/// outer ones. Null if these are too many. Inputs are those of ai.braid.MatMul, attributes its
/// activation.
std::unique_ptr<const BoundKernel> bind_product(const Operator& op, const BatchedProduct& product,
                                                const Target& target);

}  // namespace braid::cuda
