#pragma once

#include <dnnl.hpp>

#include "plan/operator.hpp"

namespace braid::onednn {

/// What a product (ai.braid.Conv, ai.braid.MatMul) does with its result, as post-operations: adds a
/// summand of layout `summand` if the operator has one as input 3, then applies the activation that
/// its attributes name.
dnnl::post_ops epilogue_of(const Operator& op, const dnnl::memory::desc& summand);

}  // namespace braid::onednn
