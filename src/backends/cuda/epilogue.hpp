#pragma once

#include "backends/cuda/choice/form.hpp"
#include "kernels/cuda/epilogue.hpp"
#include "plan/operator.hpp"

namespace braid::cuda {

/// Inputs of a product (ai.braid.Conv, ai.braid.MatMul) behind its two factors.
inline constexpr std::size_t kBias = 2;
inline constexpr std::size_t kSummand = 3;

/// Which of these the operator has.
Addends addends_of(const Operator& op);

/// The activation that the operator's attributes name, without operands.
Epilogue epilogue_of(const Operator& op);

}  // namespace braid::cuda
