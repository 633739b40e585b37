#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace braid::cpu {

/// One axis of an image: which two input elements an output element lies between, and the share of
/// the second one.
struct ResizedAxis {
  std::int64_t in = 0;
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> second;
  std::vector<float> share;

  std::int64_t out() const { return static_cast<std::int64_t>(first.size()); }
};

/// `images` images; each element is the first one. Elements have 1, 2, 4 or 8 bytes.
void resize_nearest(std::int64_t images, const ResizedAxis& rows, const ResizedAxis& columns,
                    std::int64_t width, const std::byte* from, std::byte* to);

/// Each element is mixed of four.
void resize_linear(std::int64_t images, const ResizedAxis& rows, const ResizedAxis& columns,
                   const float* from, float* to);

}  // namespace braid::cpu
