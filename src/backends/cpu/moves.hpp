#pragma once

#include <vector>

#include "kernels/cpu/strided_copy.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// One copy of a kernel that moves elements and does not look at them.
struct Move {
  enum class Source {
    Input,
    Output,  ///< what an earlier move has written
    Fill,    ///< elements that the kernel has of its own
  };
  Source source = Source::Input;
  std::size_t input = 0;
  std::size_t output = 0;
  cpu::StridedCopy copy;
};

/// A kernel that runs `moves` one after the other. `width` is that of an element; `fill` is empty
/// if no move reads it. Null if a move has too many axes.
std::unique_ptr<const BoundKernel> make_moves(std::int64_t width, std::size_t input_count,
                                              std::vector<Move> moves,
                                              std::vector<std::byte> fill = {});

/// A contiguous tensor of these dims, read with other strides.
cpu::StridedCopy copy_of(const std::vector<std::int64_t>& dims,
                         const std::vector<std::int64_t>& from_strides);

/// Likewise, written with other strides as well.
cpu::StridedCopy copy_of(const std::vector<std::int64_t>& dims,
                         const std::vector<std::int64_t>& from_strides,
                         const std::vector<std::int64_t>& to_strides);

}  // namespace braid
