#include "kernels/cpu/strided_copy.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

using Axis = StridedCopy::Axis;

std::int64_t size_of(std::span<const Axis> axes) {
  std::int64_t size = 1;
  for (const Axis& axis : axes)
    size *= axis.size;
  return size;
}

// Walks the indices of some axes, the last one fastest.
class Walk {
 public:
  Walk(std::span<const Axis> axes, std::int64_t item) : axes_(axes) {
    for (std::size_t a = axes.size(); a-- > 0;) {
      index_[a] = item % axes[a].size;
      item /= axes[a].size;
      from += index_[a] * axes[a].from;
      to += index_[a] * axes[a].to;
    }
  }

  void next() {
    for (std::size_t a = axes_.size(); a-- > 0;) {
      from += axes_[a].from;
      to += axes_[a].to;
      if (++index_[a] < axes_[a].size) return;
      from -= axes_[a].size * axes_[a].from;
      to -= axes_[a].size * axes_[a].to;
      index_[a] = 0;
    }
  }

  std::int64_t from = 0;
  std::int64_t to = 0;

 private:
  std::span<const Axis> axes_;
  std::array<std::int64_t, kMostAxes> index_{};
};

// The last axis lies in one piece on both sides.
void copy_runs(std::span<const Axis> axes, std::int64_t width, const std::byte* from,
               std::byte* to) {
  const std::span<const Axis> outer = axes.first(axes.size() - 1);
  const std::int64_t run = axes.back().size;
  const auto bytes = static_cast<std::size_t>(run * width);
  if (outer.empty()) {  // divided among the threads all the same
    parallel_ranges(run, 1, [&](std::int64_t first, std::int64_t last) {
      const auto part = static_cast<std::size_t>((last - first) * width);
      std::memcpy(to + first * width, from + first * width, part);
    });
    return;
  }
  parallel_ranges(size_of(outer), run, [&](std::int64_t first, std::int64_t last) {
    Walk walk(outer, first);
    for (std::int64_t i = first; i < last; ++i, walk.next())
      std::memcpy(to + walk.to * width, from + walk.from * width, bytes);
  });
}

template <class T>
void copy_lines(std::span<const Axis> axes, const T* from, T* to) {
  const std::span<const Axis> outer = axes.first(axes.size() - 1);
  const Axis line = axes.back();
  parallel_ranges(size_of(outer), line.size, [&](std::int64_t first, std::int64_t last) {
    Walk walk(outer, first);
    for (std::int64_t i = first; i < last; ++i, walk.next()) {
      const T* source = from + walk.from;
      T* target = to + walk.to;
      if (line.from == 0 && line.to == 1) {
        std::fill_n(target, line.size, *source);
      } else {
        for (std::int64_t k = 0; k < line.size; ++k)
          target[k * line.to] = source[k * line.from];
      }
    }
  });
}

// A matrix whose rows lie in one piece in the source, and whose columns do in the target.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t row_step = 0;     // in the source
  std::int64_t column_step = 0;  // in the target
};

constexpr std::int64_t kTile = 16;   // elements, so that cache lines stay at hand on both sides
constexpr std::int64_t kPanel = 64;  // columns that are copied for all rows at a time

template <class T>
BRAID_INLINE void transpose_tile(const T* from, T* to, const Matrix& m, std::int64_t rows,
                                 std::int64_t columns) {
  for (std::int64_t column = 0; column < columns; ++column) {
    for (std::int64_t row = 0; row < rows; ++row)
      to[column * m.column_step + row] = from[row * m.row_step + column];
  }
}

using Four = std::uint32_t __attribute__((vector_size(16)));

BRAID_INLINE void transpose_4x4(const std::uint32_t* from, std::uint32_t* to, const Matrix& m) {
  Four a, b, c, d;
  std::memcpy(&a, from, sizeof a);
  std::memcpy(&b, from + m.row_step, sizeof b);
  std::memcpy(&c, from + 2 * m.row_step, sizeof c);
  std::memcpy(&d, from + 3 * m.row_step, sizeof d);
  const Four ac_low = __builtin_shufflevector(a, c, 0, 4, 1, 5);
  const Four ac_high = __builtin_shufflevector(a, c, 2, 6, 3, 7);
  const Four bd_low = __builtin_shufflevector(b, d, 0, 4, 1, 5);
  const Four bd_high = __builtin_shufflevector(b, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ac_low, bd_low, 0, 4, 1, 5);
  b = __builtin_shufflevector(ac_low, bd_low, 2, 6, 3, 7);
  c = __builtin_shufflevector(ac_high, bd_high, 0, 4, 1, 5);
  d = __builtin_shufflevector(ac_high, bd_high, 2, 6, 3, 7);
  std::memcpy(to, &a, sizeof a);
  std::memcpy(to + m.column_step, &b, sizeof b);
  std::memcpy(to + 2 * m.column_step, &c, sizeof c);
  std::memcpy(to + 3 * m.column_step, &d, sizeof d);
}

BRAID_INLINE void transpose_full_tile(const std::uint32_t* from, std::uint32_t* to,
                                      const Matrix& m) {
  for (std::int64_t column = 0; column < kTile; column += 4) {
    for (std::int64_t row = 0; row < kTile; row += 4)
      transpose_4x4(from + row * m.row_step + column, to + column * m.column_step + row, m);
  }
}

template <class T>
BRAID_INLINE void transpose_full_tile(const T* from, T* to, const Matrix& m) {
  transpose_tile(from, to, m, kTile, kTile);
}

// Columns [first, last) of the matrix.
template <class T>
BRAID_INLINE void transpose_panel(const T* from, T* to, const Matrix& m, std::int64_t first,
                                  std::int64_t last) {
  for (std::int64_t row = 0; row < m.rows; row += kTile) {
    for (std::int64_t column = first; column < last; column += kTile) {
      const T* source = from + row * m.row_step + column;
      T* target = to + column * m.column_step + row;
      if (row + kTile <= m.rows && column + kTile <= last) {
        transpose_full_tile(source, target, m);
      } else {
        transpose_tile(source, target, m, std::min(kTile, m.rows - row),
                       std::min(kTile, last - column));
      }
    }
  }
}

template <class T>
void transpose(std::span<const Axis> outer, const Matrix& m, const T* from, T* to) {
  const std::int64_t panels = (m.columns + kPanel - 1) / kPanel;
  parallel_ranges(size_of(outer) * panels, m.rows * kPanel,
                  [&](std::int64_t first, std::int64_t last) {
                    Walk walk(outer, first / panels);
                    for (std::int64_t i = first; i < last; ++i) {
                      const std::int64_t column = i % panels * kPanel;
                      transpose_panel(from + walk.from, to + walk.to, m, column,
                                      std::min(column + kPanel, m.columns));
                      if (i % panels == panels - 1) walk.next();
                    }
                  });
}

template <class T>
void copy_elements(std::span<const Axis> axes, const T* from, T* to) {
  const Axis& last = axes.back();
  const auto along =
      std::find_if(axes.begin(), axes.end(), [](const Axis& a) { return a.from == 1; });
  const bool is_matrix = last.to == 1 && last.from > 1 && along != axes.end();
  if (!is_matrix) {
    copy_lines(axes, from, to);
    return;
  }
  std::array<Axis, kMostAxes> outer;
  std::size_t count = 0;
  for (const Axis& axis : axes.first(axes.size() - 1)) {
    if (&axis != &*along) outer[count++] = axis;
  }
  transpose(std::span<const Axis>(outer).first(count),
            Matrix{last.size, along->size, last.from, along->to}, from, to);
}

template <class T>
void copy_as(std::span<const Axis> axes, const std::byte* from, std::byte* to) {
  copy_elements(axes, reinterpret_cast<const T*>(from), reinterpret_cast<T*>(to));
}

}  // namespace

StridedCopy simplified(StridedCopy copy) {
  std::vector<Axis>& axes = copy.axes;
  std::erase_if(axes, [](const Axis& axis) { return axis.size == 1; });
  std::stable_sort(axes.begin(), axes.end(),
                   [](const Axis& a, const Axis& b) { return a.to > b.to; });
  std::vector<Axis> merged;
  for (const Axis& axis : axes) {
    const bool continues = !merged.empty() && merged.back().from == axis.from * axis.size &&
                           merged.back().to == axis.to * axis.size;
    if (continues) {
      merged.back() = {merged.back().size * axis.size, axis.from, axis.to};
    } else {
      merged.push_back(axis);
    }
  }
  axes = std::move(merged);
  return copy;
}

void copy_strided(const StridedCopy& copy, std::int64_t width, const std::byte* from,
                  std::byte* to) {
  if (size_of(copy.axes) == 0) return;
  from += copy.from_offset * width;
  to += copy.to_offset * width;
  constexpr Axis kOne{1, 1, 1};
  const std::span<const Axis> axes =
      copy.axes.empty() ? std::span<const Axis>(&kOne, 1) : std::span<const Axis>(copy.axes);
  if (axes.back().from == 1 && axes.back().to == 1) {
    copy_runs(axes, width, from, to);
  } else if (width == 1) {
    copy_as<std::uint8_t>(axes, from, to);
  } else if (width == 2) {
    copy_as<std::uint16_t>(axes, from, to);
  } else if (width == 4) {
    copy_as<std::uint32_t>(axes, from, to);
  } else {
    copy_as<std::uint64_t>(axes, from, to);
  }
}

}  // namespace braid::cpu
