#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/gather.hpp"

namespace braid::cpu {

/// [outer, depth, inner] elements of `width` bytes (1, 2, 4 or 8) from `outer * inner` indices. An
/// index beyond the depth has no element that is on. `choices` are off and on.
void one_hot(const Indices& indices, std::int64_t depth, std::int64_t inner, std::int64_t width,
             const std::byte* choices, std::byte* to);

/// Matrices of which one side of a diagonal is kept and the other one becomes 0. Diagonal `k` ends
/// what is kept if not `is_upper`, and starts it otherwise.
struct Triangles {
  std::int64_t matrices = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t k = 0;
  bool is_upper = true;
  std::int64_t width = 0;
};
void keep_triangles(const Triangles& triangles, const std::byte* from, std::byte* to);

}  // namespace braid::cpu
