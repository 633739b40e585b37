#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "braid/kernel.hpp"
#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/parallel.hpp"

namespace braid::reference {

/// The common shape of two operands (numpy's rules); fails if there is none.
Dims broadcast_dims(const KernelCall& call, const Dims& a, const Dims& b);

/// Strides that walk a contiguous tensor of `from` as if it had the dims `to`: 0 where it repeats.
/// Fails unless `from` broadcasts to `to`.
Dims broadcast_strides(const KernelCall& call, const Dims& from, const Dims& to);

/// Walks several strided operands in step, in row-major order of `dims`. Dimensions that all
/// operands walk evenly are merged, so that the innermost loop gets long.
struct Loop {
  Dims dims;                  ///< at least one
  std::vector<Dims> strides;  ///< per operand, one per dim; in elements

  Loop(const Dims& loop_dims, const std::vector<Dims>& operand_strides);

  std::int64_t size() const { return product(dims); }
};

/// Calls row(at, offsets, strides, count): the elements [at, at + count) in row-major order are,
/// for operand k, at offsets[k] + i * strides[k]. count <= kChunk. Rows come on several threads;
/// `row` must not throw.
template <class Row>
void for_each_row(const Loop& loop, const Row& row) {
  const std::size_t operands = loop.strides.size();
  const std::size_t last = loop.dims.size() - 1;
  const std::int64_t inner = loop.dims[last];
  if (loop.size() == 0) return;
  const std::int64_t pieces = (inner + kChunk - 1) / kChunk;  // of one row
  const std::int64_t tasks = loop.size() / inner * pieces;
  const std::int64_t per_block = std::max<std::int64_t>(1, 8192 / std::min(inner, kChunk));
  const std::int64_t blocks = (tasks + per_block - 1) / per_block;
  parallel_for(blocks, per_block * std::min(inner, kChunk), [&](std::int64_t block) {
    Dims offsets(operands);
    Dims steps(operands);
    for (std::size_t k = 0; k < operands; ++k)
      steps[k] = loop.strides[k][last];
    const std::int64_t end = std::min(tasks, (block + 1) * per_block);
    for (std::int64_t task = block * per_block; task < end; ++task) {
      std::int64_t rest = task / pieces;
      const std::int64_t first = task % pieces * kChunk;
      const std::int64_t at = rest * inner + first;
      for (std::size_t k = 0; k < operands; ++k)
        offsets[k] = first * steps[k];
      for (std::size_t d = last; d-- > 0;) {
        const std::int64_t index = rest % loop.dims[d];
        rest /= loop.dims[d];
        for (std::size_t k = 0; k < operands; ++k)
          offsets[k] += index * loop.strides[k][d];
      }
      row(at, offsets.data(), steps.data(), std::min(kChunk, inner - first));
    }
  });
}

}  // namespace braid::reference
