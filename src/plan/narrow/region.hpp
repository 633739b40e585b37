#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

namespace braid {

/// The indices begin, ..., end - 1.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  auto operator<=>(const Range&) const = default;
};

/// A set of indices along one axis: ascending, neither touching nor empty.
using Ranges = std::vector<Range>;

/// A part of a tensor: the elements whose index along each axis is in that axis' set. A tensor in
/// which they alone are left has them in their order.
using Region = std::vector<Ranges>;

using Dims = std::vector<std::int64_t>;

std::int64_t element_count(const Dims& dims);

Ranges whole_axis(std::int64_t size);
Region whole_region(const Dims& dims);

std::int64_t count_of(const Ranges& ranges);

/// Dims of the tensor in which only the region is left.
Dims dims_of(const Region& region);

bool is_empty(const Region& region);

/// In any order, touching or not => as Ranges are.
Ranges normalised(Ranges ranges);

Ranges unite(const Ranges& a, const Ranges& b);

/// The smallest region that contains both; they are of one rank.
Region unite(const Region& a, const Region& b);

/// What lies in [from, to), counted from there.
Ranges clip(const Ranges& ranges, std::int64_t from, std::int64_t to);

Ranges shift(Ranges ranges, std::int64_t by);

/// Indices in units of `size`, all those that the elements touch.
Ranges blocks_of(const Ranges& ranges, std::int64_t size);

/// All elements of these blocks.
Ranges elements_of(Ranges blocks, std::int64_t size);

std::vector<std::int64_t> indices_of(const Ranges& ranges);
Ranges ranges_of(const std::vector<std::int64_t>& indices);

/// Where the indices `inner`, which are all in `outer`, stand among those.
Ranges places_in(const Ranges& outer, const Ranges& inner);

/// A region of what a Reshape makes and that of what it reads: the same elements in the same order.
struct ReshapedRegion {
  Region from;
  Region to;
};

/// The smallest that contains `needed` of the result and is a region of both. Dims are positive and
/// have one product.
ReshapedRegion reshape_region(const Dims& from, const Dims& to, const Region& needed);

}  // namespace braid
