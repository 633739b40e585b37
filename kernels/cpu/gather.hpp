#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Elements that are picked by indices which come as data: these are checked and turned into places
/// or offsets first, all in one go, and then trusted.
namespace braid::cpu {

/// `count` integers as a tensor of int32 or int64 holds them.
struct Indices {
  const std::byte* data = nullptr;
  bool is_wide = true;  ///< int64
  std::int64_t count = 0;
};

/// The indices counted from the front of a dimension. Returns the first one that is not in
/// [-dim, dim), if there is one.
std::optional<std::int64_t> find_places(const Indices& indices, std::int64_t dim,
                                        std::int64_t* places);

/// An index that is out of range, and of what.
struct BadIndex {
  std::int64_t index = 0;
  std::int64_t dim = 0;
};

/// Index tuples into the axes of a tensor.
struct Tuples {
  std::int64_t batches = 1;           ///< equal parts of the tuples, each with data of its own
  std::int64_t batch_size = 0;        ///< elements of that
  std::vector<std::int64_t> dims;     ///< of the axes that the tuples index
  std::vector<std::int64_t> strides;  ///< of these
};

/// The offset of each of `indices.count` / dims tuples.
std::optional<BadIndex> find_tuple_offsets(const Indices& indices, const Tuples& tuples,
                                           std::int64_t* offsets);

/// Turns the place along one axis of each element of `dims` into the offset of the element that has
/// its other indices. `strides` are those of the data, and 0 for that axis, whose stride is `step`.
void places_to_offsets(const std::vector<std::int64_t>& dims,
                       const std::vector<std::int64_t>& strides, std::int64_t step,
                       std::int64_t* places);

/// Blocks of `block` elements of `width` bytes (1, 2, 4 or 8).
struct Blocks {
  std::int64_t width = 0;
  std::int64_t block = 1;
};

/// [outer, dim] blocks to [outer, count] blocks.
void gather(const std::byte* from, std::int64_t outer, std::int64_t dim, const std::int64_t* places,
            std::int64_t count, Blocks blocks, std::byte* to);

/// The block at each offset, in elements.
void gather_at(const std::byte* from, const std::int64_t* offsets, std::int64_t count,
               Blocks blocks, std::byte* to);

/// Writes blocks to offsets, in order: of those with one offset the last one stays.
void scatter_at(const std::byte* from, const std::int64_t* offsets, std::int64_t count,
                Blocks blocks, std::byte* to);

}  // namespace braid::cpu
