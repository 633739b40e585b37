#include "plan/narrow/region.hpp"

#include <algorithm>
#include <numeric>

namespace braid {
namespace {

// More pieces than this are not worth their bookkeeping.
constexpr std::size_t kMostRanges = 4096;

// Where the region lies when all axes are one; nothing if in too many pieces.
std::optional<Ranges> flatten(const Dims& dims, const Region& region) {
  Ranges flat = {{0, 1}};
  std::int64_t inner = 1;
  for (std::size_t axis = dims.size(); axis-- > 0;) {
    const bool is_whole = flat == whole_axis(inner);
    if (is_whole) {
      flat = elements_of(region[axis], inner);
    } else {
      const auto count = static_cast<std::size_t>(count_of(region[axis]));
      if (count * flat.size() > kMostRanges) return std::nullopt;
      Ranges all;
      for (const std::int64_t index : indices_of(region[axis])) {
        for (const Range& range : flat)
          all.push_back({range.begin + index * inner, range.end + index * inner});
      }
      flat = normalised(std::move(all));
    }
    inner *= dims[axis];
  }
  return flat;
}

// The indices along an axis of `size` that flat elements have; `stride` elements lie behind it.
Ranges project_axis(const Ranges& flat, std::int64_t size, std::int64_t stride) {
  Ranges result;
  for (const Range& range : flat) {
    const std::int64_t first = range.begin / stride;
    const std::int64_t last = (range.end - 1) / stride;
    if (last - first + 1 >= size) return whole_axis(size);
    const std::int64_t begin = first % size;
    const std::int64_t end = last % size + 1;
    if (begin < end) {
      result.push_back({begin, end});
    } else {
      result.push_back({begin, size});
      result.push_back({0, end});
    }
  }
  return normalised(std::move(result));
}

// The smallest region that contains flat elements.
Region project(const Dims& dims, const Ranges& flat) {
  Region region(dims.size());
  std::int64_t stride = 1;
  for (std::size_t axis = dims.size(); axis-- > 0;) {
    region[axis] = project_axis(flat, dims[axis], stride);
    stride *= dims[axis];
  }
  return region;
}

// Axes of both sides that hold the same elements, and no fewer do.
ReshapedRegion reshape_group(const Dims& from, const Dims& to, const Region& needed) {
  ReshapedRegion whole = {whole_region(from), whole_region(to)};
  if (needed == whole.to) return whole;
  const auto flat = flatten(to, needed);
  if (!flat) return whole;
  Region read = project(from, *flat);
  const auto read_flat = flatten(from, read);
  if (!read_flat) return whole;
  Region made = project(to, *read_flat);
  if (element_count(dims_of(read)) != element_count(dims_of(made))) return whole;
  return {std::move(read), std::move(made)};
}

}  // namespace

std::int64_t element_count(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

Ranges whole_axis(std::int64_t size) {
  return size > 0 ? Ranges{{0, size}} : Ranges{};
}

Region whole_region(const Dims& dims) {
  Region region;
  for (const std::int64_t dim : dims)
    region.push_back(whole_axis(dim));
  return region;
}

std::int64_t count_of(const Ranges& ranges) {
  std::int64_t count = 0;
  for (const Range& range : ranges)
    count += range.end - range.begin;
  return count;
}

Dims dims_of(const Region& region) {
  Dims dims;
  for (const Ranges& axis : region)
    dims.push_back(count_of(axis));
  return dims;
}

bool is_empty(const Region& region) {
  return std::any_of(region.begin(), region.end(), [](const Ranges& axis) { return axis.empty(); });
}

Ranges normalised(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  Ranges result;
  for (const Range& range : ranges) {
    if (range.begin >= range.end) continue;
    if (!result.empty() && range.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

Ranges unite(const Ranges& a, const Ranges& b) {
  Ranges both = a;
  both.insert(both.end(), b.begin(), b.end());
  return normalised(std::move(both));
}

Region unite(const Region& a, const Region& b) {
  Region result;
  for (std::size_t axis = 0; axis < a.size(); ++axis)
    result.push_back(unite(a[axis], b[axis]));
  return result;
}

Ranges clip(const Ranges& ranges, std::int64_t from, std::int64_t to) {
  Ranges result;
  for (const Range& range : ranges) {
    const Range part = {std::max(range.begin, from) - from, std::min(range.end, to) - from};
    if (part.begin < part.end) result.push_back(part);
  }
  return result;
}

Ranges shift(Ranges ranges, std::int64_t by) {
  for (Range& range : ranges) {
    range.begin += by;
    range.end += by;
  }
  return ranges;
}

Ranges blocks_of(const Ranges& ranges, std::int64_t size) {
  Ranges blocks;
  for (const Range& range : ranges)
    blocks.push_back({range.begin / size, (range.end - 1) / size + 1});
  return normalised(std::move(blocks));
}

Ranges elements_of(Ranges blocks, std::int64_t size) {
  for (Range& block : blocks) {
    block.begin *= size;
    block.end *= size;
  }
  return blocks;
}

std::vector<std::int64_t> indices_of(const Ranges& ranges) {
  std::vector<std::int64_t> indices;
  for (const Range& range : ranges) {
    for (std::int64_t index = range.begin; index < range.end; ++index)
      indices.push_back(index);
  }
  return indices;
}

Ranges ranges_of(const std::vector<std::int64_t>& indices) {
  Ranges ranges;
  for (const std::int64_t index : indices)
    ranges.push_back({index, index + 1});
  return normalised(std::move(ranges));
}

Ranges places_in(const Ranges& outer, const Ranges& inner) {
  Ranges places;
  std::int64_t before = 0;
  for (const Range& range : outer) {
    for (const Range& part : clip(inner, range.begin, range.end))
      places.push_back({before + part.begin, before + part.end});
    before += range.end - range.begin;
  }
  return normalised(std::move(places));
}

ReshapedRegion reshape_region(const Dims& from, const Dims& to, const Region& needed) {
  ReshapedRegion result;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < from.size() || j < to.size()) {
    Dims own;
    Dims other;
    Region part;
    std::int64_t p = 1;
    std::int64_t q = 1;
    do {
      if (i < from.size() && (p <= q || j == to.size())) {
        p *= from[i];
        own.push_back(from[i++]);
      } else {
        q *= to[j];
        part.push_back(needed[j]);
        other.push_back(to[j++]);
      }
    } while (p != q);
    const ReshapedRegion group = reshape_group(own, other, part);
    result.from.insert(result.from.end(), group.from.begin(), group.from.end());
    result.to.insert(result.to.end(), group.to.begin(), group.to.end());
  }
  return result;
}

}  // namespace braid
