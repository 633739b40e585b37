#include "kernels/cpu/resize.hpp"

#include <cstring>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

template <class T>
BRAID_INLINE void pick(const T* from, const std::int32_t* indices, std::int64_t count, T* to) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    to[i] = from[indices[i]];
}

// Each element twice: what images are enlarged by most often.
template <class T>
BRAID_INLINE void pick_twice(const T* from, std::int64_t count, T* to) {
#pragma omp simd
  for (std::int64_t i = 0; i < count / 2; ++i) {
    to[2 * i] = from[i];
    to[2 * i + 1] = from[i];
  }
}

BRAID_CLONES void pick_floats(const std::uint32_t* from, const std::int32_t* indices,
                              bool is_doubled, std::int64_t count, std::uint32_t* to) {
  if (is_doubled) {
    pick_twice(from, count, to);
  } else {
    pick(from, indices, count, to);
  }
}

bool is_doubled(const ResizedAxis& axis) {
  for (std::int64_t i = 0; i < axis.out(); ++i) {
    if (axis.first[static_cast<std::size_t>(i)] != i / 2) return false;
  }
  return axis.out() == 2 * axis.in;
}

template <class T>
void nearest(std::int64_t images, const ResizedAxis& rows, const ResizedAxis& columns,
             const T* from, T* to) {
  const std::int64_t width = columns.out();
  const bool doubles = is_doubled(columns);
  parallel_ranges(images * rows.out(), width, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t item = first; item < last; ++item) {
      const auto row = static_cast<std::size_t>(item % rows.out());
      T* const target = to + item * width;
      const bool is_repeated = item > first && row > 0 && rows.first[row] == rows.first[row - 1];
      if (is_repeated) {
        std::memcpy(target, target - width, static_cast<std::size_t>(width) * sizeof(T));
        continue;
      }
      const T* const source = from + (item / rows.out() * rows.in + rows.first[row]) * columns.in;
      if constexpr (sizeof(T) == 4) {
        pick_floats(source, columns.first.data(), doubles, width, target);
      } else {
        pick(source, columns.first.data(), width, target);
      }
    }
  });
}

// One row of the output from two rows of the input.
BRAID_CLONES void mix_row(const float* upper, const float* lower, float share,
                          const ResizedAxis& columns, float* to) {
  const std::int64_t count = columns.out();
  const std::int32_t* const first = columns.first.data();
  const std::int32_t* const second = columns.second.data();
  const float* const shares = columns.share.data();
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const float left = upper[first[i]] * (1.0F - share) + lower[first[i]] * share;
    const float right = upper[second[i]] * (1.0F - share) + lower[second[i]] * share;
    to[i] = left * (1.0F - shares[i]) + right * shares[i];
  }
}

}  // namespace

void resize_nearest(std::int64_t images, const ResizedAxis& rows, const ResizedAxis& columns,
                    std::int64_t width, const std::byte* from, std::byte* to) {
  const auto as = [&](auto element) {
    using T = decltype(element);
    nearest(images, rows, columns, reinterpret_cast<const T*>(from), reinterpret_cast<T*>(to));
  };
  if (width == 1) {
    as(std::uint8_t{});
  } else if (width == 2) {
    as(std::uint16_t{});
  } else if (width == 4) {
    as(std::uint32_t{});
  } else {
    as(std::uint64_t{});
  }
}

void resize_linear(std::int64_t images, const ResizedAxis& rows, const ResizedAxis& columns,
                   const float* from, float* to) {
  constexpr std::int64_t kWorkPerElement = 8;
  parallel_ranges(images * rows.out(), kWorkPerElement * columns.out(),
                  [&](std::int64_t first, std::int64_t last) {
                    for (std::int64_t item = first; item < last; ++item) {
                      const auto row = static_cast<std::size_t>(item % rows.out());
                      const float* const image = from + item / rows.out() * rows.in * columns.in;
                      mix_row(image + rows.first[row] * columns.in,
                              image + rows.second[row] * columns.in, rows.share[row], columns,
                              to + item * columns.out());
                    }
                  });
}

}  // namespace braid::cpu
