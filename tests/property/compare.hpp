#pragma once

#include "braid/tensor.hpp"

namespace braid::property {

/// Integers must be equal; floats may differ by a small part of the largest magnitude in the
/// tensor; NaN equals only NaN.
bool agree(const Tensor& expected, const Tensor& actual);

/// False if a floating-point tensor holds an infinity or NaN.
bool is_finite(const Tensor& tensor);

/// Largest difference of two floating-point tensors of the same dims.
std::string describe_difference(const Tensor& expected, const Tensor& actual);

}  // namespace braid::property
