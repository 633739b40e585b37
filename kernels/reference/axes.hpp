#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "braid/kernel.hpp"

namespace braid::reference {

using Dims = std::vector<std::int64_t>;

/// "[2,3]"
std::string format_dims(const Dims& dims);

/// The axis counted from the front; fails if it is not in [-rank, rank).
std::int64_t normalise_axis(const KernelCall& call, std::int64_t axis, std::int64_t rank);

/// Likewise for each, in ascending order; fails on duplicates.
Dims normalise_axes(const KernelCall& call, Dims axes, std::int64_t rank);

/// The values of an int32 or int64 input; fails for other types.
Dims int_input(const KernelCall& call, std::size_t input);

/// The one value of an int32 or int64 input; fails for other types and sizes.
std::int64_t int_scalar_input(const KernelCall& call, std::size_t input);

/// The one value of an input of any numeric type.
double number_input(const KernelCall& call, std::size_t input);

/// What newer operator sets give as an input and older ones as an attribute; empty if neither is
/// there.
Dims int_parameter(const KernelCall& call, std::size_t input, std::string_view attribute);
bool has_parameter(const KernelCall& call, std::size_t input, std::string_view attribute);

/// Product of dims[first, last).
std::int64_t product(const Dims& dims, std::int64_t first, std::int64_t last);
std::int64_t product(const Dims& dims);

/// As KernelCall::output, for dims that come from data: fails if negative or beyond any memory.
Tensor& allocate(KernelCall& call, std::size_t output, DType dtype, Dims dims);

/// Steps in elements from one index to the next of a contiguous tensor.
Dims contiguous_strides(const Dims& dims);

/// The offset of each element, in row-major order of `dims`.
Dims offset_table(const Dims& dims, const Dims& strides);

}  // namespace braid::reference
