#pragma once

#include <vector>

#include "braid/tensor.hpp"

namespace braid::reference {

/// All elements of a tensor of integers of at most 32 bits, from whole numbers: what lies outside
/// of the type's range becomes its nearest value, NaN becomes 0.
void store_saturated(Tensor& out, std::vector<double> values);

}  // namespace braid::reference
