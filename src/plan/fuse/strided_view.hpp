#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/slice_region.hpp"

namespace braid {

/// The elements of a contiguous tensor, seen through Transposes, Reshapes, Expands and Slices. An
/// axis may consist of several factors, as after a Reshape that joins axes which do not lie behind
/// each other. No dim is 0.
class StridedView {
 public:
  using Dims = std::vector<std::int64_t>;

  struct Factor {
    std::int64_t size = 1;
    std::int64_t stride = 0;  ///< in elements
    bool operator==(const Factor&) const = default;
  };
  using Axis = std::vector<Factor>;  ///< the outermost factor first; none for a size of 1

  /// All of a tensor.
  explicit StridedView(const Dims& dims);

  StridedView transposed(const Dims& perm) const;

  /// One index along an axis, or a part of an axis that is one factor; else nothing.
  std::optional<StridedView> sliced(std::size_t axis, const SliceAxis& part) const;

  /// Nothing if an axis cannot be divided as asked.
  std::optional<StridedView> reshaped(const Dims& dims) const;

  /// As Expand broadcasts; nothing if the dims do not fit.
  std::optional<StridedView> expanded(const Dims& dims) const;

  Dims dims() const;
  std::size_t rank() const { return axes_.size(); }
  const Axis& axis(std::size_t i) const { return axes_[i]; }
  std::int64_t offset() const { return offset_; }

 private:
  StridedView() = default;

  std::vector<Axis> axes_;
  std::int64_t offset_ = 0;
};

/// The number of elements along an axis.
std::int64_t size_of(const StridedView::Axis& axis);

/// The axis cut into factors of these sizes, whose product is its size; nothing if a factor of it
/// would have to be divided otherwise.
std::optional<std::vector<std::int64_t>> strides_of(const StridedView::Axis& axis,
                                                    const std::vector<std::int64_t>& sizes);

}  // namespace braid
