#pragma once

#include <cstddef>
#include <cstdint>

#include "braid/kernel.hpp"
#include "kernels/reference/axes.hpp"

/// Moving elements without looking at them: by their size, whatever their type.
namespace braid::reference {

/// Bytes of an element; fails for strings and for types that share bytes.
std::int64_t element_size(const KernelCall& call, DType dtype);

/// to[i * to_stride] = from[i * from_stride], i < count; strides in elements of `size` bytes.
void copy_elements(std::int64_t size, const std::byte* from, std::int64_t from_stride,
                   std::byte* to, std::int64_t to_stride, std::int64_t count);

/// Fills `out`, row-major as if it had the dims `dims`, with elements of `data` that lie at
/// first + sum of index * stride. Strides may be 0 or negative.
void copy_view(const KernelCall& call, const Tensor& data, std::int64_t first, const Dims& dims,
               const Dims& strides, Tensor& out);

}  // namespace braid::reference
