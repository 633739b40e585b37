#pragma once

#include "kernels/cuda/epilogue.hpp"
#include "plan/operator.hpp"

namespace braid::cuda {

/// Inputs of a product (ai.braid.Conv, ai.braid.MatMul) behind its two factors.
inline constexpr std::size_t kBias = 2;
inline constexpr std::size_t kSummand = 3;

/// The activation that the operator's attributes name, without operands.
Epilogue epilogue_of(const Operator& op);

}  // namespace braid::cuda
