#include "kernels/cpu/indicator.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

template <class T>
void write_one_hot(const Indices& indices, std::int64_t depth, std::int64_t inner,
                   const std::byte* choices, std::byte* to) {
  const T* const choice = reinterpret_cast<const T*>(choices);
  T* const target = reinterpret_cast<T*>(to);
  parallel_ranges(indices.count / inner, depth * inner, [&](std::int64_t first, std::int64_t last) {
    std::fill(target + first * depth * inner, target + last * depth * inner, choice[0]);
    for (std::int64_t i = first * inner; i < last * inner; ++i) {
      const std::int64_t index = indices.is_wide
                                     ? reinterpret_cast<const std::int64_t*>(indices.data)[i]
                                     : reinterpret_cast<const std::int32_t*>(indices.data)[i];
      const std::int64_t place = index < 0 ? index + depth : index;
      if (place < 0 || place >= depth) continue;
      target[(i / inner * depth + place) * inner + i % inner] = choice[1];
    }
  });
}

}  // namespace

void one_hot(const Indices& indices, std::int64_t depth, std::int64_t inner, std::int64_t width,
             const std::byte* choices, std::byte* to) {
  const auto write = width == 1   ? write_one_hot<std::uint8_t>
                     : width == 2 ? write_one_hot<std::uint16_t>
                     : width == 4 ? write_one_hot<std::uint32_t>
                                  : write_one_hot<std::uint64_t>;
  write(indices, depth, inner, choices, to);
}

void keep_triangles(const Triangles& t, const std::byte* from, std::byte* to) {
  const auto bytes = [&](std::int64_t elements) {
    return static_cast<std::size_t>(elements * t.width);
  };
  parallel_ranges(t.matrices * t.rows, t.columns, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const std::int64_t split =
          std::clamp<std::int64_t>(row % t.rows + t.k + (t.is_upper ? 0 : 1), 0, t.columns);
      const std::byte* const source = from + row * t.columns * t.width;
      std::byte* const target = to + row * t.columns * t.width;
      const std::int64_t middle = split * t.width;
      if (t.is_upper) {
        std::memset(target, 0, bytes(split));
        std::memcpy(target + middle, source + middle, bytes(t.columns - split));
      } else {
        std::memcpy(target, source, bytes(split));
        std::memset(target + middle, 0, bytes(t.columns - split));
      }
    }
  });
}

}  // namespace braid::cpu
