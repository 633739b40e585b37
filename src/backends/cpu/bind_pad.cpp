// Pad: the input goes into the middle of the output. Then each axis gets its borders, the innermost
// first: they lie along the input's extent of the axes before, and the whole of those behind. What
// a border holds is copied from the output itself, in runs of equal steps, or filled.

#include <algorithm>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/moves.hpp"
#include "backends/operands.hpp"
#include "backends/pads.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

// Of one axis, in indices of the output and of the input.
struct Extent {
  std::int64_t size = 0;    // of the output
  std::int64_t first = 0;   // where the input starts in the output
  std::int64_t middle = 0;  // as much of the input as is not cut off
  std::int64_t cut = 0;     // of the input's front

  std::int64_t behind() const { return first + middle; }
};

std::optional<std::vector<Extent>> extents_of(const Operator& op) {
  const Dims& dims = op.inputs[0].dims;
  const auto pads = pads_of(op);
  if (!pads) return std::nullopt;
  std::vector<Extent> extents;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    Extent extent;
    extent.size = op.outputs[0].dims[d];
    extent.first = std::max<std::int64_t>(0, pads->before[d]);
    extent.cut = std::max<std::int64_t>(0, -pads->before[d]);
    extent.middle = dims[d] - extent.cut - std::max<std::int64_t>(0, -pads->after[d]);
    if (extent.middle < 0) return std::nullopt;
    extents.push_back(extent);
  }
  return extents;
}

// What lies at a place before or behind `middle` elements that start at 0, as a place among them.
std::int64_t source_place(const std::string& mode, std::int64_t place, std::int64_t middle) {
  if (mode == "edge") return place < 0 ? 0 : middle - 1;
  if (mode == "wrap") return (place % middle + middle) % middle;
  if (middle == 1) return 0;
  const std::int64_t period = 2 * (middle - 1);  // reflect
  const std::int64_t phase = (place % period + period) % period;
  return phase < middle ? phase : period - phase;
}

class Padding {
 public:
  Padding(const Operator& op, std::vector<Extent> extents)
      : mode_(op.attributes.get_string("mode", "constant")),
        extents_(std::move(extents)),
        strides_(strides_of(op.outputs[0].dims)),
        value_(op.has_input(2) ? Move::Source::Input : Move::Source::Fill) {
    add_middle(op.inputs[0].dims);
    for (std::size_t axis = extents_.size(); axis-- > 0;) {
      add_border(axis, 0, extents_[axis].first);
      add_border(axis, extents_[axis].behind(), extents_[axis].size);
    }
  }

  std::vector<Move> moves;

 private:
  void add_middle(const Dims& dims) {
    const Dims from = strides_of(dims);
    Dims sizes;
    Move middle;
    for (std::size_t d = 0; d < dims.size(); ++d) {
      sizes.push_back(extents_[d].middle);
      middle.copy.from_offset += extents_[d].cut * from[d];
    }
    const std::int64_t offset = middle.copy.from_offset;
    middle.copy = copy_of(sizes, from, strides_);
    middle.copy.from_offset = offset;
    middle.copy.to_offset = start_of(sizes.size());
    moves.push_back(std::move(middle));
  }

  // The middle's first element along the axes before `axis`.
  std::int64_t start_of(std::size_t axis) const {
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < axis; ++d)
      offset += extents_[d].first * strides_[d];
    return offset;
  }

  void add_border(std::size_t axis, std::int64_t first, std::int64_t last) {
    if (first >= last) return;
    if (mode_ == "constant") {
      add_run(axis, first, last - first, 0, 0);
      return;
    }
    const Extent& extent = extents_[axis];
    const auto source = [&](std::int64_t i) {
      return source_place(mode_, i - extent.first, extent.middle);
    };
    while (first < last) {
      const std::int64_t step = first + 1 < last ? source(first + 1) - source(first) : 0;
      std::int64_t end = first + 1;
      while (end < last && source(end) - source(end - 1) == step)
        ++end;
      add_run(axis, first, end - first, source(first) + extent.first, step);
      first = end;
    }
  }

  // Indices [to, to + count) of the axis, taken from `from`, from + step, ...
  void add_run(std::size_t axis, std::int64_t to, std::int64_t count, std::int64_t from,
               std::int64_t step) {
    const bool is_constant = mode_ == "constant";
    Move run;
    run.source = is_constant ? value_ : Move::Source::Output;
    run.input = 2;
    for (std::size_t d = 0; d < extents_.size(); ++d) {
      const std::int64_t stride = strides_[d];
      const std::int64_t size =
          d < axis ? extents_[d].middle : (d == axis ? count : extents_[d].size);
      run.copy.axes.push_back(
          {size, is_constant ? 0 : (d == axis ? step * stride : stride), stride});
    }
    run.copy.to_offset = start_of(axis) + to * strides_[axis];
    if (!is_constant) run.copy.from_offset = start_of(axis) + from * strides_[axis];
    moves.push_back(std::move(run));
  }

  std::string mode_;
  std::vector<Extent> extents_;
  Dims strides_;
  Move::Source value_;
};

bool is_known(const std::string& mode) {
  return mode == "constant" || mode == "edge" || mode == "reflect" || mode == "wrap";
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_pad(const Operator& op, PackedWeights&) {
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const std::string mode = op.attributes.get_string("mode", "constant");
  auto extents = extents_of(op);
  if (width == 0 || op.outputs[0].dtype != op.inputs[0].dtype) return nullptr;
  if (!is_known(mode) || !extents) return nullptr;
  const bool has_middle = std::all_of(extents->begin(), extents->end(),
                                      [](const Extent& extent) { return extent.middle > 0; });
  if (mode != "constant" && !has_middle) return nullptr;
  const bool has_bad_value = op.has_input(2) && (op.inputs[2].dtype != op.inputs[0].dtype ||
                                                 product(op.inputs[2].dims) != 1);
  // Before opset 11 the value was an attribute.
  if (has_bad_value || op.attributes.get_float("value", 0.0F) != 0.0F) return nullptr;
  Padding padding(op, std::move(*extents));
  return make_moves(width, op.inputs.size(), std::move(padding.moves),
                    std::vector<std::byte>(static_cast<std::size_t>(width)));
}

}  // namespace braid
