#pragma once

#include "plan/narrow/region.hpp"

namespace braid {

/// What is read of an operand of `dims`, which are not more, when `needed` is made of the result
/// that it is broadcast to.
Region broadcast_region(const Region& needed, const Dims& dims);

}  // namespace braid
