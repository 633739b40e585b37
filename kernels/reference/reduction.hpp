#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "braid/kernel.hpp"
#include "kernels/reference/broadcast.hpp"

namespace braid::reference {

/// Which elements of a tensor make up each element of its reduction over some axes.
struct Reduction {
  Dims kept;                ///< the input's dims with 1 for each reduced axis
  Dims squeezed;            ///< without the reduced axes
  Dims starts;              ///< offset of each output element's first input element
  Dims lines;               ///< offsets, from there, of the lines to reduce
  std::int64_t length = 1;  ///< of a line
  std::int64_t stride = 1;  ///< within a line

  /// `axes` ascending and in range.
  Reduction(const Dims& dims, const Dims& axes);

  /// Elements that make up one of the output.
  std::int64_t count() const { return static_cast<std::int64_t>(lines.size()) * length; }
};

/// Calls piece(values, count, offset) for the elements that make up output element `index`, in
/// row-major order of the input, where they lie from `offset` on, `stride` apart.
template <class W, class Piece>
void for_each_piece(const Reduction& reduction, DType dtype, const std::byte* from,
                    std::size_t index, const Piece& piece) {
  W values[kChunk];
  for (const std::int64_t line : reduction.lines) {
    for (std::int64_t done = 0; done < reduction.length; done += kChunk) {
      const std::int64_t count = std::min(kChunk, reduction.length - done);
      const std::int64_t offset = reduction.starts[index] + line + done * reduction.stride;
      load(dtype, from, offset, reduction.stride, count, values);
      piece(values, count, offset);
    }
  }
}

}  // namespace braid::reference
