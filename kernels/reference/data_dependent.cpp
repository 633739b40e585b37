// Operators whose output has as many elements as the data tell.
#include <algorithm>
#include <numeric>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {
namespace {

// The slices of an axis that stand at `places`, in this order.
void take_slices(KernelCall& call, const Tensor& x, std::int64_t axis, const Dims& places,
                 Tensor& out) {
  const std::int64_t size = element_size(call, x.dtype());
  const std::int64_t outer = product(x.dims(), 0, axis);
  const std::int64_t inner = product(x.dims(), axis + 1, x.rank());
  const std::int64_t length = x.dim(static_cast<int>(axis));
  std::byte* to = out.mutable_raw().data();
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const std::int64_t place : places) {
      const std::byte* from = x.raw().data() + (o * length + place) * inner * size;
      copy_elements(size, from, 1, to, 1, inner);
      to += inner * size;
    }
  }
}

struct Axis {
  Tensor data;  // flat where no axis is given
  std::int64_t axis = 0;
};

Axis axis_of(KernelCall& call) {
  const Tensor& x = call.input(0);
  if (!call.attributes().has("axis")) return {x.reshaped({x.size()}), 0};
  return {x, normalise_axis(call, call.attributes().get_int("axis", 0), x.rank())};
}

// Orders slices of an axis by their elements.
class Slices {
 public:
  Slices(const Tensor& x, std::int64_t axis)
      : values_(to_doubles(x)),
        outer_(product(x.dims(), 0, axis)),
        length_(x.dim(static_cast<int>(axis))),
        inner_(product(x.dims(), axis + 1, x.rank())) {}

  int compare(std::int64_t a, std::int64_t b) const {
    for (std::int64_t o = 0; o < outer_; ++o) {
      for (std::int64_t i = 0; i < inner_; ++i) {
        const double left = at(o, a, i);
        const double right = at(o, b, i);
        if (left < right) return -1;
        if (left > right) return 1;
      }
    }
    return 0;
  }

  std::int64_t length() const { return length_; }

 private:
  double at(std::int64_t o, std::int64_t place, std::int64_t i) const {
    return values_[static_cast<std::size_t>((o * length_ + place) * inner_ + i)];
  }

  std::vector<double> values_;
  std::int64_t outer_;
  std::int64_t length_;
  std::int64_t inner_;
};

// Distinct slices, by where each occurs first.
struct Distinct {
  Dims first;    // of each distinct one
  Dims inverse;  // of each slice, which distinct one it is
  Dims counts;   // of each distinct one
};

Distinct find_distinct(const Slices& slices, bool is_sorted) {
  const auto length = static_cast<std::size_t>(slices.length());
  Dims order(length);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return slices.compare(a, b) < 0; });
  Dims group(length);  // of each slice, the first that equals it
  for (std::size_t i = 0; i < length; ++i) {
    const bool is_new = i == 0 || slices.compare(order[i - 1], order[i]) != 0;
    group[static_cast<std::size_t>(order[i])] =
        is_new ? order[i] : group[static_cast<std::size_t>(order[i - 1])];
  }
  Distinct distinct;
  Dims rank(length, -1);
  if (!is_sorted) std::iota(order.begin(), order.end(), 0);
  for (const std::int64_t place : order) {
    if (group[static_cast<std::size_t>(place)] != place) continue;
    rank[static_cast<std::size_t>(place)] = static_cast<std::int64_t>(distinct.first.size());
    distinct.first.push_back(place);
  }
  distinct.counts.resize(distinct.first.size(), 0);
  for (const std::int64_t first : group) {
    distinct.inverse.push_back(rank[static_cast<std::size_t>(first)]);
    ++distinct.counts[static_cast<std::size_t>(distinct.inverse.back())];
  }
  return distinct;
}

void put_integers(KernelCall& call, std::size_t output, const Dims& values) {
  Tensor& out = call.output(output, DType::Int64, {static_cast<std::int64_t>(values.size())});
  if (out) std::copy(values.begin(), values.end(), out.mutable_data<std::int64_t>().begin());
}

// Corners of a box, in ascending order.
struct Box {
  double top, left, bottom, right;

  double area() const { return (bottom - top) * (right - left); }
};

Box box_of(const double* box, bool has_center) {
  if (has_center) {
    const double x = box[0];
    const double y = box[1];
    return {y - box[3] / 2, x - box[2] / 2, y + box[3] / 2, x + box[2] / 2};
  }
  return {std::min(box[0], box[2]), std::min(box[1], box[3]), std::max(box[0], box[2]),
          std::max(box[1], box[3])};
}

double overlap(const Box& a, const Box& b) {
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0) return 0;
  const double common = height * width;
  return common / (a.area() + b.area() - common);
}

}  // namespace

void compress(KernelCall& call) {
  const auto [x, axis] = axis_of(call);
  const Tensor& condition = call.input(1);
  if (condition.dtype() != DType::Bool || condition.rank() != 1)
    call.fail("the condition must be a vector of bools");
  if (condition.size() > x.dim(static_cast<int>(axis)))
    call.fail("the condition is longer than the axis");
  Dims places;
  for (std::int64_t i = 0; i < condition.size(); ++i) {
    if (condition.data<std::uint8_t>()[static_cast<std::size_t>(i)] != 0) places.push_back(i);
  }
  Dims dims = x.dims();
  dims[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(places.size());
  take_slices(call, x, axis, places, call.output(0, x.dtype(), dims));
}

void unique(KernelCall& call) {
  const auto [x, axis] = axis_of(call);
  require_type(call, x.dtype(), kAll);
  const bool is_sorted = call.attributes().get_int("sorted", 1) != 0;
  const Distinct distinct = find_distinct(Slices(x, axis), is_sorted);
  Dims dims = x.dims();
  dims[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(distinct.first.size());
  take_slices(call, x, axis, distinct.first, call.output(0, x.dtype(), dims));
  put_integers(call, 1, distinct.first);
  put_integers(call, 2, distinct.inverse);
  put_integers(call, 3, distinct.counts);
}

// Of the boxes of each class, by falling score: each that overlaps no better one too much.
void non_max_suppression(KernelCall& call) {
  const Tensor& boxes = call.input(0);   // [batch, boxes, 4]
  const Tensor& scores = call.input(1);  // [batch, classes, boxes]
  if (boxes.rank() != 3 || scores.rank() != 3 || boxes.dim(2) != 4 ||
      boxes.dim(0) != scores.dim(0) || boxes.dim(1) != scores.dim(2))
    call.fail("boxes " + format_dims(boxes.dims()) + " do not go with scores " +
              format_dims(scores.dims()));
  const std::int64_t most = call.has_input(2) ? int_scalar_input(call, 2) : 0;
  const double most_overlap = call.has_input(3) ? number_input(call, 3) : 0;
  const bool has_center = call.attributes().get_int("center_point_box", 0) != 0;
  const std::vector<double> corners = to_doubles(boxes);
  const std::vector<double> values = to_doubles(scores);
  const std::int64_t count = boxes.dim(1);
  Dims chosen;
  for (std::int64_t plane = 0; plane < scores.dim(0) * scores.dim(1); ++plane) {
    const double* score = values.data() + plane * count;
    const double* box = corners.data() + plane / scores.dim(1) * count * 4;
    Dims order;
    for (std::int64_t i = 0; i < count; ++i) {
      if (!call.has_input(4) || score[i] > number_input(call, 4)) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return score[a] > score[b]; });
    std::vector<Box> kept;
    for (const std::int64_t i : order) {
      if (static_cast<std::int64_t>(kept.size()) >= most) break;
      const Box candidate = box_of(box + i * 4, has_center);
      const bool is_covered = std::any_of(kept.begin(), kept.end(), [&](const Box& other) {
        return overlap(candidate, other) > most_overlap;
      });
      if (is_covered) continue;
      kept.push_back(candidate);
      chosen.insert(chosen.end(), {plane / scores.dim(1), plane % scores.dim(1), i});
    }
  }
  Tensor& out = call.output(0, DType::Int64, {static_cast<std::int64_t>(chosen.size() / 3), 3});
  std::copy(chosen.begin(), chosen.end(), out.mutable_data<std::int64_t>().begin());
}

}  // namespace braid::reference::ops
