#include "plan/fuse/strided_view.hpp"

#include <algorithm>

namespace braid {
namespace {

using Factor = StridedView::Factor;
using Axis = StridedView::Axis;
using Dims = StridedView::Dims;

// Joins the factor with the last one if it continues that.
void append(Axis& axis, Factor factor) {
  if (factor.size == 1) return;
  if (!axis.empty() && axis.back().stride == factor.size * factor.stride) {
    axis.back() = {axis.back().size * factor.size, factor.stride};
  } else {
    axis.push_back(factor);
  }
}

// Takes `size` elements off the front of a list of factors.
std::optional<Axis> take(Axis& factors, std::int64_t size) {
  Axis result;
  while (size > 1) {
    if (factors.empty()) return std::nullopt;
    Factor& first = factors.front();
    if (size % first.size == 0) {
      size /= first.size;
      append(result, first);
      factors.erase(factors.begin());
    } else if (first.size % size == 0) {
      first.size /= size;
      append(result, {size, first.size * first.stride});
      size = 1;
    } else {
      return std::nullopt;
    }
  }
  return result;
}

}  // namespace

std::int64_t size_of(const Axis& axis) {
  std::int64_t size = 1;
  for (const Factor& factor : axis)
    size *= factor.size;
  return size;
}

std::optional<Dims> strides_of(const Axis& axis, const Dims& sizes) {
  Axis rest = axis;
  Dims strides;
  for (const std::int64_t size : sizes) {
    const auto part = take(rest, size);
    if (!part || part->size() > 1) return std::nullopt;
    strides.push_back(part->empty() ? 0 : part->front().stride);
  }
  return strides;
}

StridedView::StridedView(const Dims& dims) {
  std::int64_t stride = 1;
  for (auto dim = dims.rbegin(); dim != dims.rend(); ++dim) {
    axes_.emplace_back();
    append(axes_.back(), {*dim, stride});
    stride *= *dim;
  }
  std::reverse(axes_.begin(), axes_.end());
}

Dims StridedView::dims() const {
  Dims result;
  for (const Axis& axis : axes_)
    result.push_back(size_of(axis));
  return result;
}

StridedView StridedView::transposed(const Dims& perm) const {
  StridedView result;
  result.offset_ = offset_;
  for (const std::int64_t axis : perm)
    result.axes_.push_back(axes_[static_cast<std::size_t>(axis)]);
  return result;
}

std::optional<StridedView> StridedView::sliced(std::size_t axis, const SliceAxis& part) const {
  const Axis& whole = axes_[axis];
  if (part.size == size_of(whole) && part.step == 1) return *this;
  if (whole.size() > 1 && part.size != 1) return std::nullopt;
  StridedView result = *this;
  std::int64_t index = part.first;  // of which each factor has a digit
  for (auto factor = whole.rbegin(); factor != whole.rend(); ++factor) {
    result.offset_ += index % factor->size * factor->stride;
    index /= factor->size;
  }
  result.axes_[axis].clear();
  if (part.size > 1) append(result.axes_[axis], {part.size, part.step * whole.front().stride});
  return result;
}

std::optional<StridedView> StridedView::reshaped(const Dims& dims) const {
  Axis rest;
  for (const Axis& axis : axes_) {
    for (const Factor& factor : axis)
      append(rest, factor);
  }
  StridedView result;
  result.offset_ = offset_;
  for (const std::int64_t dim : dims) {
    auto axis = take(rest, dim);
    if (!axis) return std::nullopt;
    result.axes_.push_back(std::move(*axis));
  }
  return rest.empty() ? std::optional(result) : std::nullopt;
}

std::optional<StridedView> StridedView::expanded(const Dims& dims) const {
  if (dims.size() < rank()) return std::nullopt;
  StridedView result = *this;
  result.axes_.insert(result.axes_.begin(), dims.size() - rank(), Axis{});
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const std::int64_t size = size_of(result.axes_[i]);
    if (size == dims[i]) continue;
    if (size != 1) return std::nullopt;
    result.axes_[i] = {{dims[i], 0}};
  }
  return result;
}

}  // namespace braid
