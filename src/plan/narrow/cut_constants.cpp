#include "plan/narrow/cut_constants.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace braid {
namespace {

// Bytes of the elements from `first` on that lie behind one index of an axis.
std::size_t stride_of(const Tensor& tensor, std::size_t axis) {
  std::int64_t count = 1;
  for (std::size_t d = axis + 1; d < tensor.dims().size(); ++d)
    count *= tensor.dims()[d];
  return dtype_bytes(tensor.dtype(), count);
}

// The axis that is cut, if that leaves one piece: the axes in front of it are of size 1.
std::optional<std::size_t> outermost_cut(const Tensor& tensor, const Region& region) {
  for (std::size_t axis = 0; axis < region.size(); ++axis) {
    const std::int64_t size = tensor.dims()[axis];
    if (size == 1) continue;
    for (std::size_t inner = axis + 1; inner < region.size(); ++inner) {
      if (region[inner] != whole_axis(tensor.dims()[inner])) return std::nullopt;
    }
    if (region[axis].size() != 1) return std::nullopt;
    return axis;
  }
  return std::nullopt;
}

// The parts that are wanted of a concatenation whose parts are wanted as a whole or not at all.
std::optional<Tensor> pick_parts(const Tensor& whole, const Region& region) {
  const auto [parts, axis] = whole.parts();
  if (parts.size() < 2) return std::nullopt;
  for (std::size_t d = 0; d < region.size(); ++d) {
    if (d != static_cast<std::size_t>(axis) && region[d] != whole_axis(whole.dims()[d])) {
      return std::nullopt;
    }
  }
  std::vector<Tensor> picked;
  std::int64_t start = 0;
  for (const Tensor& part : parts) {
    const std::int64_t size = part.dim(axis);
    const Ranges own = clip(region[static_cast<std::size_t>(axis)], start, start + size);
    start += size;
    if (own.empty()) continue;
    if (own != whole_axis(size)) return std::nullopt;
    picked.push_back(part);
  }
  return picked.size() == 1 ? picked[0] : Tensor::concatenation(std::move(picked), axis);
}

std::byte* copy_region(const Tensor& from, const Region& region, std::size_t axis,
                       std::size_t offset, std::byte* to) {
  const std::size_t stride = stride_of(from, axis);
  for (const Range& range : region[axis]) {
    const auto begin = static_cast<std::size_t>(range.begin);
    const auto end = static_cast<std::size_t>(range.end);
    if (axis + 1 == region.size()) {
      std::memcpy(to, from.raw().data() + offset + begin * stride, (end - begin) * stride);
      to += (end - begin) * stride;
      continue;
    }
    for (std::size_t index = begin; index < end; ++index)
      to = copy_region(from, region, axis + 1, offset + index * stride, to);
  }
  return to;
}

Tensor cut(const Tensor& whole, const Region& region) {
  if (auto picked = pick_parts(whole, region)) return *picked;
  const Tensor bytes = whole.materialised();
  Dims dims = dims_of(region);
  const auto axis = whole.is_contiguous() ? outermost_cut(bytes, region) : std::nullopt;
  if (axis) {
    const auto first = static_cast<std::size_t>(region[*axis][0].begin);
    const std::size_t size = Tensor::weightless(whole.dtype(), dims).bytes();
    return Tensor::borrow(whole.dtype(), std::move(dims),
                          bytes.raw().subspan(first * stride_of(bytes, *axis), size),
                          std::make_shared<Tensor>(bytes));
  }
  Tensor result = Tensor::allocate(whole.dtype(), std::move(dims));
  copy_region(bytes, region, 0, 0, result.mutable_raw().data());
  return result;
}

}  // namespace

std::optional<Tensor> CutConstants::get(const Tensor& whole, const Region& region) {
  if (!whole.has_data() || dtype_bits(whole.dtype()) % 8 != 0 || whole.dtype() == DType::String) {
    return std::nullopt;
  }
  Key key{whole.identity(), {whole.dims()}};
  for (const Ranges& axis : region) {
    auto& bounds = key.second.emplace_back();
    for (const Range& range : axis) {
      bounds.push_back(range.begin);
      bounds.push_back(range.end);
    }
  }
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = entries_.try_emplace(std::move(key));
  if (is_new) entry->second = {whole, cut(whole, region)};
  return entry->second.part;
}

}  // namespace braid
