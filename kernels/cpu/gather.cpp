#include "kernels/cpu/gather.hpp"

#include <atomic>
#include <cstring>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

template <class T>
BRAID_INLINE bool to_places(const T* indices, std::int64_t count, std::int64_t dim,
                            std::int64_t* places) {
  std::int64_t bad = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t index = indices[i];
    const std::int64_t place = index + (index < 0 ? dim : 0);
    bad |= place | (dim - 1 - place);  // negative if either is
    places[i] = place;
  }
  return bad >= 0;
}

BRAID_CLONES bool wide_places(const std::int64_t* indices, std::int64_t count, std::int64_t dim,
                              std::int64_t* places) {
  return to_places(indices, count, dim, places);
}

BRAID_CLONES bool narrow_places(const std::int32_t* indices, std::int64_t count, std::int64_t dim,
                                std::int64_t* places) {
  return to_places(indices, count, dim, places);
}

std::int64_t index_at(const Indices& indices, std::int64_t i) {
  if (indices.is_wide) return reinterpret_cast<const std::int64_t*>(indices.data)[i];
  return reinterpret_cast<const std::int32_t*>(indices.data)[i];
}

// The element sizes as types, so that a copy of one element is one instruction.
template <class Body>
void for_width(std::int64_t width, const Body& body) {
  if (width == 1) {
    body(std::uint8_t{});
  } else if (width == 2) {
    body(std::uint16_t{});
  } else if (width == 4) {
    body(std::uint32_t{});
  } else {
    body(std::uint64_t{});
  }
}

// A block of elements of type T, which start anywhere.
template <class T>
BRAID_INLINE void copy_block(const std::byte* from, std::byte* to, std::int64_t block) {
  if (block == 1) {
    std::memcpy(to, from, sizeof(T));
  } else {
    std::memcpy(to, from, static_cast<std::size_t>(block) * sizeof(T));
  }
}

}  // namespace

std::optional<std::int64_t> find_places(const Indices& indices, std::int64_t dim,
                                        std::int64_t* places) {
  std::atomic<bool> is_good{true};
  parallel_ranges(indices.count, 1, [&](std::int64_t first, std::int64_t last) {
    const auto* const wide = reinterpret_cast<const std::int64_t*>(indices.data);
    const auto* const narrow = reinterpret_cast<const std::int32_t*>(indices.data);
    const bool good = indices.is_wide
                          ? wide_places(wide + first, last - first, dim, places + first)
                          : narrow_places(narrow + first, last - first, dim, places + first);
    if (!good) is_good = false;
  });
  for (std::int64_t i = 0; !is_good && i < indices.count; ++i) {
    const std::int64_t index = index_at(indices, i);
    if (index < -dim || index >= dim) return index;
  }
  return std::nullopt;
}

std::optional<BadIndex> find_tuple_offsets(const Indices& indices, const Tuples& tuples,
                                           std::int64_t* offsets) {
  const auto length = static_cast<std::int64_t>(tuples.dims.size());
  const std::int64_t count = length == 0 ? indices.count : indices.count / length;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = i / (count / tuples.batches) * tuples.batch_size;
    for (std::int64_t j = 0; j < length; ++j) {
      const auto axis = static_cast<std::size_t>(j);
      const std::int64_t dim = tuples.dims[axis];
      const std::int64_t index = index_at(indices, i * length + j);
      if (index < -dim || index >= dim) return BadIndex{index, dim};
      offset += (index < 0 ? index + dim : index) * tuples.strides[axis];
    }
    offsets[i] = offset;
  }
  return std::nullopt;
}

void places_to_offsets(const std::vector<std::int64_t>& dims,
                       const std::vector<std::int64_t>& strides, std::int64_t step,
                       std::int64_t* places) {
  const std::int64_t length = dims.back();
  std::int64_t rows = 1;
  for (std::size_t d = 0; d + 1 < dims.size(); ++d)
    rows *= dims[d];
  parallel_ranges(rows, length, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      std::int64_t start = 0;
      std::int64_t rest = row;
      for (std::size_t d = dims.size() - 1; d-- > 0;) {
        start += rest % dims[d] * strides[d];
        rest /= dims[d];
      }
      std::int64_t* const at = places + row * length;
      for (std::int64_t i = 0; i < length; ++i)
        at[i] = start + i * strides.back() + at[i] * step;
    }
  });
}

void gather(const std::byte* from, std::int64_t outer, std::int64_t dim, const std::int64_t* places,
            std::int64_t count, Blocks blocks, std::byte* to) {
  const std::int64_t block = blocks.block;
  for_width(blocks.width, [&](auto element) {
    using T = decltype(element);
    constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
    parallel_ranges(outer * count, block, [&](std::int64_t first, std::int64_t last) {
      std::int64_t o = first / count;
      std::int64_t i = first % count;
      for (std::int64_t item = first; item < last; ++item) {
        copy_block<T>(from + (o * dim + places[i]) * block * kSize, to + item * block * kSize,
                      block);
        if (++i == count) {
          i = 0;
          ++o;
        }
      }
    });
  });
}

void gather_at(const std::byte* from, const std::int64_t* offsets, std::int64_t count,
               Blocks blocks, std::byte* to) {
  for_width(blocks.width, [&](auto element) {
    using T = decltype(element);
    constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
    parallel_ranges(count, blocks.block, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        copy_block<T>(from + offsets[i] * kSize, to + i * blocks.block * kSize, blocks.block);
    });
  });
}

void scatter_at(const std::byte* from, const std::int64_t* offsets, std::int64_t count,
                Blocks blocks, std::byte* to) {
  for_width(blocks.width, [&](auto element) {
    using T = decltype(element);
    constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t i = 0; i < count; ++i)
      copy_block<T>(from + i * blocks.block * kSize, to + offsets[i] * kSize, blocks.block);
  });
}

}  // namespace braid::cpu
