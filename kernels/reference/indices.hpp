#pragma once

#include <cstdint>

#include "braid/kernel.hpp"
#include "kernels/reference/axes.hpp"

/// Indices that come as data: checked, and turned into offsets.
namespace braid::reference {

/// The index counted from the front; fails if it is not in [-dim, dim).
std::int64_t checked_index(const KernelCall& call, std::int64_t index, std::int64_t dim);

/// Likewise for all of an input's values.
Dims checked_indices(const KernelCall& call, std::size_t input, std::int64_t dim);

/// GatherElements, ScatterElements: the offset in `data` that each element of `indices` (input 1)
/// names, its own place being replaced along the axis.
Dims element_offsets(const KernelCall& call, const Dims& data, const Tensor& indices,
                     std::int64_t axis);

/// GatherND, ScatterND: the offset in `data` that each tuple in the last dimension of `indices`
/// (input 1) names. Neither data nor indices may be empty.
Dims tuple_offsets(const KernelCall& call, const Dims& data, const Tensor& indices,
                   std::int64_t batch_dims);

}  // namespace braid::reference
