#pragma once

#include <memory>

#include "backends/cpu/bind.hpp"

namespace braid {

/// The kernel of the same operator over floats, with conversions around it. Null if none of the
/// operands is float16 or bfloat16, or if there is no such kernel.
std::unique_ptr<const BoundKernel> bind_widened(const Operator& op, Binder binder,
                                                PackedWeights& weights);

}  // namespace braid
