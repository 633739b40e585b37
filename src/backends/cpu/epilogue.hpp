#pragma once

#include <dnnl.hpp>

#include "plan/operator.hpp"

namespace braid::onednn {

/// Inputs of a product (ai.braid.Conv, ai.braid.MatMul) behind its two factors.
inline constexpr std::size_t kBias = 2;
inline constexpr std::size_t kSummand = 3;

/// The summand among the arguments of a primitive with that epilogue.
inline constexpr int kSummandArgument = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;

/// Whether the summand lies where the result will.
bool sums_in_place(const Operator& op);

/// What a product does with its result, as post-operations: adds the summand if the operator has
/// one, in place or of layout `summand`, then applies the activation that its attributes name.
dnnl::post_ops epilogue_of(const Operator& op, const dnnl::memory::desc& summand);

}  // namespace braid::onednn
