#pragma once

#include "braid/datum.hpp"

namespace braid {

/// The tensor as kernels read it: contiguous, and aligned for its elements. Shares the storage
/// where it already is so; what lies at an odd place within a mapped file is copied.
Tensor as_operand(const Tensor& tensor);

/// The same with all tensors within.
Datum as_operand(const Datum& datum);

/// Whether as_operand() yields the tensor itself.
bool is_operand(const Tensor& tensor);

}  // namespace braid
