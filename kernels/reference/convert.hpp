#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "braid/tensor.hpp"
#include "braid/types.hpp"

/// Elements in memory to and from the wide types that kernels compute in (see dispatch_wide).
namespace braid::reference {

/// Elements that kernels convert and compute at a time, in buffers on the stack.
inline constexpr std::int64_t kChunk = 512;

/// to[i] = from[offset + i * stride], i < count; offset and stride in elements. W is double, int64
/// or uint64; any type can be loaded as double, only integers and bools as integers.
template <class W>
void load(DType dtype, const std::byte* from, std::int64_t offset, std::int64_t stride,
          std::int64_t count, W* to);

/// to[offset + i * stride] = from[i], rounded to nearest even, or wrapped to the integer type. A
/// double outside an integer's range gives what x86 gives: the smallest int32 or int64, wrapped.
template <class W>
void store(DType dtype, std::byte* to, std::int64_t offset, std::int64_t stride, std::int64_t count,
           const W* from);

/// All elements of a tensor.
std::vector<double> to_doubles(const Tensor& tensor);

}  // namespace braid::reference
